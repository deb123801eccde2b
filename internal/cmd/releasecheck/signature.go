package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"

	"github.com/ProtonMail/go-crypto/openpgp"
	"github.com/ProtonMail/go-crypto/openpgp/packet"
)

// signingKey is a GnuPG home with one RSA key, as the release workflow has it,
// and with a life of one run.
type signingKey struct {
	home        string
	fingerprint string
	public      []byte
}

func newSigningKey(ctx context.Context, home string) (*signingKey, error) {
	if err := os.Mkdir(home, 0o700); err != nil {
		return nil, err
	}
	k := &signingKey{home: home}
	made, err := k.gpg(ctx, "--status-fd=1", "--pinentry-mode=loopback", "--passphrase=",
		"--quick-gen-key", "Release check <releasecheck@localhost>", "rsa3072", "sign", "1d")
	if err != nil {
		return nil, errors.Join(err, k.forget())
	}
	for line := range strings.Lines(string(made)) {
		if rest, ok := strings.CutPrefix(strings.TrimSpace(line), "[GNUPG:] KEY_CREATED P "); ok {
			k.fingerprint = rest
		}
	}
	if k.fingerprint == "" {
		return nil, errors.Join(fmt.Errorf("gpg made no key: %s", made), k.forget())
	}
	if k.public, err = k.gpg(ctx, "--export", k.fingerprint); err != nil {
		return nil, errors.Join(err, k.forget())
	}
	return k, nil
}

func (k *signingKey) env() []string {
	return []string{"GNUPGHOME=" + k.home, "GPG_FINGERPRINT=" + k.fingerprint}
}

func (k *signingKey) gpg(ctx context.Context, args ...string) ([]byte, error) {
	command := exec.CommandContext(ctx, "gpg", append([]string{"--batch", "--quiet"}, args...)...)
	command.Env = append(command.Environ(), k.env()...)
	var problems bytes.Buffer
	command.Stderr = &problems
	output, err := command.Output()
	if err != nil {
		return nil, errors.Join(ctx.Err(), fmt.Errorf("gpg: %w\n%s", err, &problems))
	}
	return output, nil
}

// forget ends the agent that gpg leaves running with the key in its memory.
func (k *signingKey) forget() error {
	command := exec.CommandContext(context.Background(), "gpgconf", "--kill", "all")
	command.Env = append(command.Environ(), k.env()...)
	if output, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("ending gpg-agent: %w\n%s", err, output)
	}
	return nil
}

// checkSignature reads the signature with the code that Terraform and OpenTofu
// read it with.
func (r *release) checkSignature(k *signingKey) error {
	ring, err := openpgp.ReadKeyRing(bytes.NewReader(k.public))
	if err != nil {
		return err
	}
	sums, err := os.ReadFile(r.path(r.sums()))
	if err != nil {
		return err
	}
	signature, err := os.ReadFile(r.path(r.signature()))
	if err != nil {
		return err
	}
	read, err := packet.Read(bytes.NewReader(signature))
	if err != nil {
		return fmt.Errorf("%s is no binary OpenPGP packet: %w", r.signature(), err)
	}
	made, ok := read.(*packet.Signature)
	if !ok || made.PubKeyAlgo != packet.PubKeyAlgoRSA {
		return fmt.Errorf("%s is no signature by an RSA key", r.signature())
	}
	if _, err := openpgp.CheckDetachedSignature(ring, bytes.NewReader(sums), bytes.NewReader(signature), nil); err != nil {
		return fmt.Errorf("%s does not fit %s: %w", r.signature(), r.sums(), err)
	}
	return nil
}
