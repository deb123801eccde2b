package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/seamapi/terraform-provider-seam/internal/fakeseam"
)

// writes are the requests that change links.
type writes struct{ added, removed int }

func (w *world) writes() writes {
	return writes{
		added:   w.seam.Count("/user_identities/add_acs_user"),
		removed: w.seam.Count("/user_identities/remove_acs_user"),
	}
}

// check compares what the CLI says that it did with what came of it.
func (d *demo) check(ctx context.Context, r report, want changes, sent writes) error {
	if r.changes != want {
		return fmt.Errorf("%s says %+v, expected %+v", d.cli.Name, r.changes, want)
	}
	return d.checkLinks(ctx, sent)
}

// checkLinks compares Seam, the state, and the writes of this step with what
// they are to be.
func (d *demo) checkLinks(ctx context.Context, sent writes) error {
	state, err := d.cli.state(ctx)
	if err != nil {
		return err
	}
	d.state = state
	return errors.Join(
		d.world.compareLinks("Seam", append(slices.Clone(d.world.foreign), d.managed...), d.world.seam.Links()),
		d.world.compareLinks("the state", d.managed, state),
		compareWrites(sent, d.world.writes()),
	)
}

// compareLinks says how the links of a place differ from those that it is to
// have.
func (w *world) compareLinks(place string, want, got []fakeseam.Link) error {
	var wrong []string
	for _, link := range want {
		if !slices.Contains(got, link) {
			wrong = append(wrong, "lacks "+w.nameLink(link))
		}
	}
	for _, link := range got {
		if !slices.Contains(want, link) {
			wrong = append(wrong, "has "+w.nameLink(link))
		}
	}
	if len(wrong) == 0 {
		return nil
	}
	return fmt.Errorf("%s %s", place, strings.Join(wrong, ", and "))
}

func compareWrites(want, got writes) error {
	if want == got {
		return nil
	}
	return fmt.Errorf("Seam was sent %d requests to add and %d to remove a link, expected %d and %d",
		got.added, got.removed, want.added, want.removed)
}
