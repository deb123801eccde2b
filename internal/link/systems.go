package link

import (
	"context"
	"strings"
	"sync"

	"github.com/seamapi/terraform-provider-seam/internal/seam"
)

// systems remembers which access systems Seam knows. Seam is asked once for each;
// a failure is not remembered.
type systems struct {
	api interface {
		GetACSSystem(ctx context.Context, acsSystemID string) (seam.ACSSystem, error)
	}
	known sync.Map // whether it is visible, by id in lower case
}

// visible reports whether Seam knows an access system. One whose connected account
// is cut off may be out of sight together with its ACS users.
func (s *systems) visible(ctx context.Context, acsSystemID string) (bool, error) {
	key := strings.ToLower(acsSystemID)
	if visible, ok := s.known.Load(key); ok {
		return visible == true, nil
	}
	_, err := s.api.GetACSSystem(ctx, acsSystemID)
	if err != nil && !seam.IsNotFound(err, seam.TypeACSSystemNotFound) {
		return false, err
	}
	s.known.Store(key, err == nil)
	return err == nil, nil
}
