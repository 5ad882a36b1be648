// Command masterminds answers what Kargo's version library says: questions as JSON on standard
// input, answers as JSON on standard output.
package main

import (
	"encoding/json"
	"log"
	"os"
	"slices"
	"strings"

	"github.com/Masterminds/semver/v3"
)

// Range asks whether a constraint can be read, and which of the versions it admits.
type Range struct {
	Constraint string   `json:"constraint"`
	Versions   []string `json:"versions"`
}

// Answer says, for a Range, nil in Admits where the constraint cannot be read. Admits has false for
// what is no version.
type Answer struct {
	Ranges [][]bool   `json:"ranges"`
	Loose  []*string  `json:"loose"`
	Strict []*string  `json:"strict"`
	Sorted [][]string `json:"sorted"`
}

// Questions are asked all at once; a process for each would take the time.
type Questions struct {
	Ranges   []Range    `json:"ranges"`
	Versions []string   `json:"versions"`
	Sort     [][]string `json:"sort"`
}

func main() {
	log.SetFlags(0)
	var asked Questions
	if err := json.NewDecoder(os.Stdin).Decode(&asked); err != nil {
		log.Fatal(err)
	}
	answer := Answer{Ranges: [][]bool{}, Loose: []*string{}, Strict: []*string{}, Sorted: [][]string{}}
	for _, one := range asked.Ranges {
		answer.Ranges = append(answer.Ranges, admitted(one))
	}
	for _, text := range asked.Versions {
		answer.Loose = append(answer.Loose, said(semver.NewVersion(text)))
		answer.Strict = append(answer.Strict, said(semver.StrictNewVersion(strings.TrimPrefix(text, "v"))))
	}
	for _, texts := range asked.Sort {
		answer.Sorted = append(answer.Sorted, sorted(texts))
	}
	if err := json.NewEncoder(os.Stdout).Encode(answer); err != nil {
		log.Fatal(err)
	}
}

func admitted(asked Range) []bool {
	constraint, err := semver.NewConstraint(asked.Constraint)
	if err != nil {
		return nil
	}
	answers := make([]bool, len(asked.Versions))
	for place, text := range asked.Versions {
		version, err := semver.NewVersion(text)
		answers[place] = err == nil && constraint.Check(version)
	}
	return answers
}

func said(version *semver.Version, err error) *string {
	if err != nil {
		return nil
	}
	text := version.String()
	return &text
}

// Best first, and what is no version not at all; equal ones by their text, as Kargo has it.
func sorted(texts []string) []string {
	versions := []*semver.Version{}
	for _, text := range texts {
		if version, err := semver.NewVersion(text); err == nil {
			versions = append(versions, version)
		}
	}
	slices.SortFunc(versions, func(one, other *semver.Version) int {
		if order := other.Compare(one); order != 0 {
			return order
		}
		return strings.Compare(other.Original(), one.Original())
	})
	ordered := []string{}
	for _, version := range versions {
		ordered = append(ordered, version.Original())
	}
	return ordered
}
