package main

import (
	"log"
	"os"
	"time"
)

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
