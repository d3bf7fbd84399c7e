//go:build !linux && !(darwin && cgo)

package process

import (
	"context"
	"errors"
)

func readDetails(context.Context, int) (Details, error) { return Details{}, errors.ErrUnsupported }
