package provider

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// spoilt makes an invalid value of a valid one.
var spoilt = map[string]func(good string) string{
	"a quote":              func(good string) string { return `"` + good[1:] },
	"two lines":            func(good string) string { return good + "\r\n" + good },
	"a template":           func(good string) string { return "${" + good + "}" },
	"a NUL":                func(good string) string { return good[:1] + "\x00" + good[1:] },
	"an escape":            func(good string) string { return "\x1b[31m" + good },
	"a megabyte of quotes": func(good string) string { return good + strings.Repeat(`"`, 1<<20) },
	"no UTF-8":             func(good string) string { return good[:1] + "\xff\xfe" + good[1:] },
	"a lookalike":          func(good string) string { return good[:len(good)-1] + "\u0430" },
	"braces":               func(good string) string { return "{" + good + "}" },
	"a URN":                func(good string) string { return "urn:uuid:" + good },
	"right to left":        func(good string) string { return "\u202e" + good },
	"surrounding space":    func(good string) string { return " " + good + " " },
}

// invalidText are those that are invalid in free text, too. Names may hold quotes, braces
// and letters of all kinds.
var invalidText = []string{"two lines", "a NUL", "an escape", "a megabyte of quotes", "no UTF-8"}

// kindOfInput says what an attribute takes.
type kindOfInput int

const (
	isID     kindOfInput = iota + 1 // or anything else that has one form
	freeText                        // names, email addresses, search text
)

// input is a block of a configuration.
type input struct {
	good     values
	kinds    map[string]kindOfInput
	validate func(tf *terraform, config values) diagnostics
	onlyOne  bool // of the attributes of good may be set at a time
	with     values
}

func inputs(w *world) map[string]input {
	ids := func(names ...string) map[string]kindOfInput {
		kinds := map[string]kindOfInput{}
		for _, name := range names {
			kinds[name] = isID
		}
		return kinds
	}
	data := func(typeName string) func(*terraform, values) diagnostics {
		return func(tf *terraform, config values) diagnostics {
			tf.t.Helper()
			resp, err := tf.server.ValidateDataResourceConfig(tf.ctx, &tfprotov6.ValidateDataResourceConfigRequest{
				TypeName: typeName, Config: tf.encodeData(tf.dataType(typeName), config),
			})
			tf.noFault(err)
			return diagnosticsOf(resp.Diagnostics)
		}
	}
	pair := values{"user_identity_id": w.janeID.ID, "acs_user_id": w.jane.ID}
	return map[string]input{
		"provider with a key": {
			good:  values{"api_key": testKey, "workspace_id": testSpace, "retry_timeout": "5m", "endpoint": "https://connect.getseam.com"},
			kinds: ids("workspace_id", "retry_timeout", "endpoint"),
			validate: func(tf *terraform, config values) diagnostics {
				tf.t.Helper()
				return tf.validateProvider(config)
			},
		},
		"provider with a token": {
			good:  values{"personal_access_token": testToken, "workspace_id": testSpace},
			kinds: ids("workspace_id"),
			validate: func(tf *terraform, config values) diagnostics {
				tf.t.Helper()
				return tf.validateProvider(config)
			},
		},
		"link": {good: pair, kinds: ids("user_identity_id", "acs_user_id"), validate: (*terraform).validate},
		"membership": {
			good:  values{"acs_access_group_id": w.system.ID, "acs_user_id": w.jane.ID},
			kinds: ids("acs_access_group_id", "acs_user_id"), validate: (*terraform).validate,
		},
		"action": {good: pair, kinds: ids("user_identity_id", "acs_user_id"), validate: func(tf *terraform, config values) diagnostics {
			resp, err := tf.server.(tfprotov6.ActionServer).ValidateActionConfig(tf.ctx, &tfprotov6.ValidateActionConfigRequest{
				ActionType: removeAction, Config: tf.encode(linkIdentity, config),
			})
			tf.noFault(err)
			return diagnosticsOf(resp.Diagnostics)
		}},
		"list": {
			good: values{"acs_system_id": w.system.ID, "user_identity_id": w.janeID.ID}, kinds: ids("acs_system_id", "user_identity_id"),
			validate: func(tf *terraform, config values) diagnostics {
				resp, err := tf.server.(tfprotov6.ListResourceServer).ValidateListResourceConfig(tf.ctx, &tfprotov6.ValidateListResourceConfigRequest{
					TypeName: linkType, Config: tf.encode(listObject, config),
				})
				tf.noFault(err)
				return diagnosticsOf(resp.Diagnostics)
			},
		},
		"data seam_acs_system": {
			good: values{"acs_system_id": w.system.ID, "name": "Salto HQ"}, onlyOne: true,
			kinds: ids("acs_system_id"), validate: data("seam_acs_system"),
		},
		"data seam_acs_user": {
			good: values{"acs_user_id": w.jane.ID}, kinds: ids("acs_user_id"), validate: data("seam_acs_user"),
		},
		"data seam_acs_user in a system": {
			good:    values{"user_identity_id": w.janeID.ID, "email_address": "jane@example.com", "phone_number": "+15555550100", "full_name": "Jane Doe"},
			onlyOne: true, with: values{"acs_system_id": w.system.ID},
			kinds: ids("user_identity_id", "phone_number"), validate: data("seam_acs_user"),
		},
		"data seam_acs_users": {
			good: values{
				"acs_system_id": w.system.ID, "user_identity_id": w.janeID.ID, "user_identity_email_address": "jane@example.com",
				"user_identity_phone_number": "+15555550100", "search": "Jane", "created_before": "2026-11-24T08:00:00Z",
			},
			onlyOne: true,
			kinds:   ids("acs_system_id", "user_identity_id", "user_identity_phone_number", "created_before"), validate: data("seam_acs_users"),
		},
		"data seam_user_identity": {
			good:    values{"user_identity_id": w.janeID.ID, "user_identity_key": "jane_doe", "email_address": "jane@example.com", "phone_number": "+15555550100"},
			onlyOne: true, kinds: ids("user_identity_id", "phone_number"), validate: data("seam_user_identity"),
		},
		"data seam_user_identities": {
			good: values{
				"user_identity_ids": []any{w.janeID.ID}, "search": "Jane", "credential_manager_acs_system_id": w.system.ID, "created_before": "2026-11-24T08:00:00Z",
			},
			onlyOne: true, kinds: ids("user_identity_ids", "credential_manager_acs_system_id", "created_before"), validate: data("seam_user_identities"),
		},
	}
}

func (tf *terraform) validateProvider(config values) diagnostics {
	tf.t.Helper()
	resp, err := tf.server.ValidateProviderConfig(tf.ctx, &tfprotov6.ValidateProviderConfigRequest{Config: tf.encode(providerType, config)})
	tf.noFault(err)
	return diagnosticsOf(resp.Diagnostics)
}

// Validation explains each invalid value at its attribute, and sends no request.
func TestBadInput(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for where, input := range inputs(w) {
		for name, good := range input.good {
			t.Run(where+"/"+name, func(t *testing.T) {
				t.Parallel()
				tf := &terraform{t: t, server: w.providerServer(), ctx: t.Context()}
				config := maps.Clone(input.good)
				if input.onlyOne {
					config = values{name: good}
				}
				maps.Copy(config, input.with)
				tf.wantNothingSaid(input.validate(tf, config))
				for what, spoil := range spoilt {
					if list, ok := good.([]any); ok {
						config[name] = []any{spoil(list[0].(string))}
					} else {
						config[name] = spoil(good.(string))
					}
					found := input.validate(tf, config)
					tf.wantReadable(what, found)
					if len(found) == 0 && (input.kinds[name] == isID || slices.Contains(invalidText, what)) {
						t.Errorf("%s is accepted", what)
					}
					for _, one := range found.errors() {
						// Terraform would print the line of an attribute that holds a secret.
						secret := name == "api_key" || name == "personal_access_token"
						if secret && (one.Attribute != nil || !strings.Contains(one.Detail, name)) ||
							!secret && (one.Attribute == nil || !strings.Contains(one.Attribute.String(), name)) {
							t.Errorf("%s: the error is not about %s:\n%s", what, name, found)
						}
					}
				}
			})
		}
	}
	t.Cleanup(w.wantNoRequests)
}

// wantReadable checks that the diagnostics are short, valid UTF-8 and free of terminal
// controls.
func (tf *terraform) wantReadable(what string, found diagnostics) {
	tf.t.Helper()
	for _, one := range found {
		text := one.Summary + "\n" + one.Detail
		if len(text) > 2000 || one.Summary == "" || one.Detail == "" {
			tf.t.Errorf("%s: the diagnostic has %d bytes: %.100s", what, len(text), text)
		}
		if !utf8.ValidString(text) || strings.ContainsAny(text, "\x00\x1b\r\u202e") {
			tf.t.Errorf("%s: the diagnostic is not readable: %.300q", what, text)
		}
	}
}
