package main

import (
	"errors"
	"fmt"
	"log"
	"os"
	"runtime/debug"
	"runtime/pprof"
	"strings"
	"time"
)

// gcPercent lets the heap of a provider, which is small, grow further between
// two collections than Go does by default: memory for time, in a process that
// lives for one command. It keeps a plan of 10,000 links in a workspace of 100,000
// ACS users below 100 MB. More saves no time worth the memory: what collections
// cost less, new memory costs more. Nor is there a memory limit: a heap that came
// near it would be collected all the time.
const gcPercent = 250

// tuneGarbageCollection leaves alone what whoever runs the provider has set.
func tuneGarbageCollection() {
	if os.Getenv("GOGC") == "" && os.Getenv("GOMEMLIMIT") == "" {
		debug.SetGCPercent(gcPercent)
	}
}

// quietLogs keeps the plugin libraries from writing logs that nobody reads: they
// write every step of every call, and Terraform throws it away unless one of its
// TF_LOG variables is set. It was a quarter of the provider's work in a plan.
func quietLogs() error {
	for _, entry := range os.Environ() {
		if strings.HasPrefix(entry, "TF_LOG") || strings.HasPrefix(entry, "TF_ACC_LOG") {
			return nil
		}
	}
	for _, name := range []string{"TF_LOG_SDK", "TF_LOG_SDK_PROTO", "TF_LOG_SDK_FRAMEWORK", "TF_LOG_PROVIDER"} {
		if err := os.Setenv(name, "off"); err != nil {
			return err
		}
	}
	return nil
}

// endWithParent ends this process when the one that started it is gone: Terraform
// ends its providers, but not if it is killed. Where the operating system gives
// orphans no new parent, as on Windows, it has no effect.
func endWithParent() {
	parent := os.Getppid()
	go func() {
		for range time.Tick(time.Second) {
			if os.Getppid() != parent {
				log.Fatal("Terraform is gone")
			}
		}
	}()
}

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
