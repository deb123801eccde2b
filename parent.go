package main

import (
	"log"
	"os"
	"time"
)

// endWithParent ends this process when its parent has ended. Terraform stops its
// providers, but not when it is killed. It has no effect on Windows, which gives
// orphaned processes no new parent.
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
