package provider

import (
	"context"

	"github.com/seamapi/terraform-provider-seam/internal/link"
	"github.com/seamapi/terraform-provider-seam/internal/seam"
)

// freshReader answers with what Seam says at this moment and with nothing that
// was read before. It is for what is done once, where nobody gains from a list.
type freshReader struct {
	client *seam.Client
	shared link.Reader // the resources', which has to hear of writes
}

var _ link.Reader = freshReader{}

// ACSUser implements link.Reader.
func (r freshReader) ACSUser(ctx context.Context, remembered seam.ACSUser, _ func(seam.ACSUser) bool) (seam.ACSUser, error) {
	return r.client.GetACSUser(ctx, remembered.ACSUserID)
}

// ACSUserToLink implements link.Reader.
func (r freshReader) ACSUserToLink(ctx context.Context, acsUserID string, _ func(seam.ACSUser) bool) (seam.ACSUser, error) {
	return r.client.GetACSUser(ctx, acsUserID)
}

// ACSUserForWrite implements link.Reader.
func (r freshReader) ACSUserForWrite(ctx context.Context, acsUserID, _ string, _ func(seam.ACSUser) bool) (seam.ACSUser, error) {
	return r.client.GetACSUser(ctx, acsUserID)
}

// UserIdentity implements link.Reader.
func (r freshReader) UserIdentity(ctx context.Context, userIdentityID string, _ func(seam.UserIdentity) bool) (seam.UserIdentity, error) {
	return r.client.GetUserIdentity(ctx, userIdentityID)
}

// Writing implements link.Reader.
func (r freshReader) Writing(acsUserID string) { r.shared.Writing(acsUserID) }

// Wrote implements link.Reader.
func (r freshReader) Wrote(acsUserID, userIdentityID string) {
	r.shared.Wrote(acsUserID, userIdentityID)
}
