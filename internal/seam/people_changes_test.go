package seam

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

// What a change sends is exact: a field that is not named stays as it is, and one that is
// null or empty is cleared. No one is linked on the way.
func TestPeopleChanges(t *testing.T) {
	t.Parallel()
	schedule := &AccessSchedule{StartsAt: "2030-01-01T00:00:00Z", EndsAt: "2031-01-01T00:00:00Z"}
	ada := UserIdentityValues{FullName: "Ada", EmailAddress: "ada@example.com", PhoneNumber: "+15555550100", UserIdentityKey: "ada"}
	record := ACSUserValues{FullName: "Ada", EmailAddress: "ada@example.com", PhoneNumber: "+15555550100", AccessSchedule: schedule}
	for name, tc := range map[string]struct {
		path, body string
		call       func(context.Context, *Client) error
	}{
		"create an identity": {
			"/user_identities/create", `{"full_name":"Ada","email_address":"ada@example.com","phone_number":"+15555550100","user_identity_key":"ada"}`,
			func(ctx context.Context, c *Client) error { return second(c.CreateUserIdentity(ctx, ada)) },
		},
		"create an identity of a name": {
			"/user_identities/create", `{"full_name":"Ada"}`,
			func(ctx context.Context, c *Client) error {
				return second(c.CreateUserIdentity(ctx, UserIdentityValues{FullName: "Ada"}))
			},
		},
		"change a name": {
			"/user_identities/update", `{"user_identity_id":"` + identityA + `","full_name":"Ada L."}`,
			func(ctx context.Context, c *Client) error {
				to := ada
				to.FullName = "Ada L."
				return c.UpdateUserIdentity(ctx, identityA, ChangesOf(ada, to))
			},
		},
		"clear an identity": {
			"/user_identities/update", `{"user_identity_id":"` + identityA + `","full_name":null,"email_address":null,"phone_number":null,"user_identity_key":null}`,
			func(ctx context.Context, c *Client) error {
				return c.UpdateUserIdentity(ctx, identityA, ChangesOf(ada, UserIdentityValues{}))
			},
		},
		"delete an identity": {
			"/user_identities/delete", `{"user_identity_id":"` + identityA + `"}`,
			func(ctx context.Context, c *Client) error { return c.DeleteUserIdentity(ctx, identityA) },
		},
		"create an ACS user": {
			"/acs/users/create", `{"acs_system_id":"` + systemA + `","full_name":"Ada","email_address":"ada@example.com","phone_number":"+15555550100",` +
				`"access_schedule":{"starts_at":"2030-01-01T00:00:00Z","ends_at":"2031-01-01T00:00:00Z"}}`,
			func(ctx context.Context, c *Client) error { return second(c.CreateACSUser(ctx, systemA, record)) },
		},
		"create an ACS user with an open schedule": {
			"/acs/users/create", `{"acs_system_id":"` + systemA + `","full_name":"Ada","access_schedule":{"starts_at":"2030-01-01T00:00:00Z"}}`,
			func(ctx context.Context, c *Client) error {
				return second(c.CreateACSUser(ctx, systemA, ACSUserValues{FullName: "Ada", AccessSchedule: &AccessSchedule{StartsAt: schedule.StartsAt}}))
			},
		},
		"change nothing of a schedule": {
			"/acs/users/update", `{"acs_user_id":"` + userA + `","email_address":"l@example.com"}`,
			func(ctx context.Context, c *Client) error {
				to := record
				to.EmailAddress = "l@example.com"
				return c.UpdateACSUser(ctx, userA, ACSUserChangesOf(record, to, true))
			},
		},
		"clear an ACS user": {
			"/acs/users/update", `{"acs_user_id":"` + userA + `","phone_number":"","access_schedule":null}`,
			func(ctx context.Context, c *Client) error {
				return c.UpdateACSUser(ctx, userA, ACSUserChangesOf(record, ACSUserValues{FullName: record.FullName, EmailAddress: record.EmailAddress}, false))
			},
		},
		"suspend":            {"/acs/users/suspend", `{"acs_user_id":"` + userA + `"}`, func(ctx context.Context, c *Client) error { return c.SuspendACSUser(ctx, userA) }},
		"unsuspend":          {"/acs/users/unsuspend", `{"acs_user_id":"` + userA + `"}`, func(ctx context.Context, c *Client) error { return c.UnsuspendACSUser(ctx, userA) }},
		"delete an ACS user": {"/acs/users/delete", `{"acs_user_id":"` + userA + `"}`, func(ctx context.Context, c *Client) error { return c.DeleteACSUser(ctx, userA) }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := answers(status(200, `{"ok":true,"acs_user":{"acs_user_id":"`+userA+`"},"user_identity":{"user_identity_id":"`+identityA+`"}}`))
			if err := tc.call(t.Context(), newTestClient(t, s)); err != nil {
				t.Error(err)
			}
			if got := s.seen(); len(got) != 1 || got[0].url != "https://connect.example.com"+tc.path || got[0].body != tc.body {
				t.Errorf("sent %+v, want %s %s", got, tc.path, tc.body)
			}

			// A write is sent once, whatever becomes of it.
			s = answers(status(500, "{}"))
			if err := tc.call(t.Context(), newTestClient(t, s)); !IsAmbiguous(err) || len(s.seen()) != 1 {
				t.Errorf("%d requests, and %v", len(s.seen()), err)
			}
			// A create whose response names no one is not known to have failed.
			s = answers(status(200, `{"ok":false}`))
			if err := tc.call(t.Context(), newTestClient(t, s)); !IsAmbiguous(err) {
				t.Errorf("not ok: %v", err)
			}
		})
	}
}

func second[T any](_ T, err error) error { return err }

// A get may miss what was created a moment ago. Nothing else that is not found is asked
// for again.
func TestGetOfWhatWasCreated(t *testing.T) {
	t.Parallel()
	created := status(200, `{"ok":true,"acs_user":{"acs_user_id":"`+userA+`"},"user_identity":{"user_identity_id":"`+identityA+`"}}`)
	missing := status(404, `{"ok":false,"error":{"type":"acs_user_not_found","message":"no"}}`)
	missingIdentity := status(404, `{"ok":false,"error":{"type":"user_identity_not_found","message":"no"}}`)
	createUser := func(ctx context.Context, c *Client) error {
		return second(c.CreateACSUser(ctx, systemA, ACSUserValues{FullName: "Ada"}))
	}
	getUser := func(ctx context.Context, c *Client) error { return second(c.GetACSUser(ctx, userA)) }
	type calls = []func(context.Context, *Client) error
	for name, tc := range map[string]struct {
		answers []reply
		calls   calls
		found   bool
	}{
		"an ACS user that shows": {[]reply{created, missing, missing, created}, calls{createUser, getUser}, true},
		"an identity that shows": {[]reply{created, missingIdentity, created}, calls{
			func(ctx context.Context, c *Client) error {
				return second(c.CreateUserIdentity(ctx, UserIdentityValues{FullName: "Ada"}))
			},
			func(ctx context.Context, c *Client) error { return second(c.GetUserIdentity(ctx, identityA)) },
		}, true},
		"one that was not created here": {[]reply{missing}, calls{getUser}, false},
		"one that was deleted": {[]reply{created, created, missing}, calls{
			createUser, func(ctx context.Context, c *Client) error { return c.DeleteACSUser(ctx, userA) }, getUser,
		}, false},
		"one that was created some time ago": {[]reply{created, missing}, calls{
			createUser, func(context.Context, *Client) error { time.Sleep(time.Minute); return nil }, getUser,
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := answers(tc.answers...)
				c := newTestClient(t, s)
				var err error
				for _, call := range tc.calls {
					err = call(t.Context(), c)
				}
				if (err == nil) != tc.found || len(s.seen()) != len(tc.answers) {
					t.Errorf("got %v after %d requests", err, len(s.seen()))
				}
			})
		})
	}
}
