// Command client asks a repo-server what the application-controller and the web interface ask it.
//
// Standard input holds one call per line, standard output one answer per line in the same order.
// All calls are under way at the same time. The types are Argo CD's own, and a field that they do
// not have is refused, so that a test cannot ask for something that Argo CD never asks.
package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/argoproj/argo-cd/v3/reposerver/apiclient"
	"google.golang.org/grpc/status"
)

// call is one line of input; Timeout is the controller's --repo-server-timeout-seconds.
type call struct {
	Method  string          `json:"method"`
	Timeout int             `json:"timeout"`
	Request json.RawMessage `json:"request"`
}

// answer is one line of output: a result, or the error with gRPC's name of its code.
type answer struct {
	Result any    `json:"result,omitempty"`
	Code   string `json:"code,omitempty"`
	Error  string `json:"error,omitempty"`
}

func main() {
	if len(os.Args) != 2 {
		fail(fmt.Errorf("usage: argocd-client ADDRESS < CALLS"))
	}
	calls, err := read(os.Stdin)
	if err != nil {
		fail(err)
	}
	out := json.NewEncoder(os.Stdout)
	out.SetEscapeHTML(false)
	for _, one := range askAll(os.Args[1], calls) {
		if err := out.Encode(one); err != nil {
			fail(err)
		}
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(2)
}

func read(in io.Reader) ([]call, error) {
	lines := bufio.NewReader(in)
	var calls []call
	for {
		line, err := lines.ReadBytes('\n')
		if len(bytes.TrimSpace(line)) > 0 {
			var one call
			if err := strict(line, &one); err != nil {
				return nil, err
			}
			calls = append(calls, one)
		}
		if err == io.EOF {
			return calls, nil
		}
		if err != nil {
			return nil, err
		}
	}
}

func strict(text []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	return decoder.Decode(into)
}

func askAll(address string, calls []call) []answer {
	answers := make([]answer, len(calls))
	var all sync.WaitGroup
	for number, one := range calls {
		all.Add(1)
		go func() {
			defer all.Done()
			answers[number] = ask(address, one)
		}()
	}
	all.Wait()
	return answers
}

// ask opens a connection of its own for each call, as the controller does.
func ask(address string, one call) answer {
	plaintext := apiclient.TLSConfiguration{DisableTLS: true}
	connection, client, err := apiclient.NewRepoServerClientset(address, one.Timeout, plaintext).NewRepoServerClient()
	if err != nil {
		return answer{Error: err.Error()}
	}
	defer connection.Close()
	ctx, cancel := context.WithTimeout(context.Background(), time.Duration(one.Timeout)*time.Second)
	defer cancel()
	result, err := send(ctx, client, one)
	if err != nil {
		said := status.Convert(err)
		return answer{Code: said.Code().String(), Error: said.Message()}
	}
	return answer{Result: result}
}

func send(ctx context.Context, client apiclient.RepoServerServiceClient, one call) (any, error) {
	switch one.Method {
	case "GenerateManifest":
		var request apiclient.ManifestRequest
		if err := strict(one.Request, &request); err != nil {
			return nil, err
		}
		return client.GenerateManifest(ctx, &request)
	case "GetAppDetails":
		var query apiclient.RepoServerAppDetailsQuery
		if err := strict(one.Request, &query); err != nil {
			return nil, err
		}
		return client.GetAppDetails(ctx, &query)
	default:
		return nil, fmt.Errorf("no method %q", one.Method)
	}
}
