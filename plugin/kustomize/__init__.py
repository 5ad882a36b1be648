"""The kustomize binary and helm: found, started behind a fence, bounded, read to the end."""
