//go:build tools

// Package krew names the programs that the test suite runs, so that `go mod tidy` keeps them in
// go.mod. It is never built; `build` in this folder builds the programs themselves.
package krew

import (
	_ "sigs.k8s.io/krew/cmd/krew"
	_ "sigs.k8s.io/krew/cmd/validate-krew-manifest"
)
