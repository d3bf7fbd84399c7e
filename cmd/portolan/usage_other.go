//go:build !unix

package main

import "context"

func tellUsage(context.Context) {}
