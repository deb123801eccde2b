//go:build profile

package main

import (
	"errors"
	"fmt"
	"os"
	"runtime/pprof"
)

func init() { startProfile = profile }

// profile writes CPU and allocation profiles of this process, named by its
// process ID, into the directory that SEAM_PROVIDER_PPROF names. Without it, it does
// nothing. The returned function ends it.
func profile() (end func() error, err error) {
	name := os.Getenv("SEAM_PROVIDER_PPROF")
	if name == "" {
		return func() error { return nil }, nil
	}
	dir, err := os.OpenRoot(name)
	if err != nil {
		return nil, err
	}
	cpu, err := dir.Create(profileName("cpu"))
	if err != nil {
		return nil, errors.Join(err, dir.Close())
	}
	if err := pprof.StartCPUProfile(cpu); err != nil {
		return nil, errors.Join(err, cpu.Close(), dir.Close())
	}
	return func() error {
		pprof.StopCPUProfile()
		return errors.Join(cpu.Close(), writeAllocations(dir), dir.Close())
	}, nil
}

func writeAllocations(dir *os.Root) error {
	file, err := dir.Create(profileName("allocs"))
	if err != nil {
		return err
	}
	return errors.Join(pprof.Lookup("allocs").WriteTo(file, 0), file.Close())
}

func profileName(kind string) string {
	return fmt.Sprintf("terraform-provider-seam-%d.%s.pprof", os.Getpid(), kind)
}
