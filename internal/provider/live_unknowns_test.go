package provider

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
)

// What Seam's documentation leaves open. The provider is safe with every answer, so
// nothing is asserted of them: they are printed.

// answer prints what Seam answered to a question.
func (l *liveWorkspace) answer(question, format string, args ...any) {
	l.t.Helper()
	l.answers[question] = fmt.Sprintf(format, args...)
	l.t.Logf("unknown: %s answer: %s", question, l.answers[question])
}

const (
	addLinkedElsewhere    = "add, when the ACS user is linked to another identity"
	addLinkedHere         = "add, when it is linked to this identity already"
	addSecond             = "add, when the identity has another ACS user in the same access system"
	removeUnlinked        = "remove, when the ACS user is not linked"
	removeLinkedElsewhere = "remove, when it is linked to another identity"
	pageAfterAdd          = "a list page, when the ACS user was linked a moment ago"
	pageAfterRemove       = "a list page, when the link was removed a moment ago"
	getAfterWrite         = "a get, right after a write was accepted"
	acceptedWrite         = "a write that was accepted"
	disconnectedSystem    = "an ACS user of an access system whose connected account is cut off"
	pendingMember         = "a group member whose change is pending, in list_users"
	takenEmail            = "create of an identity with an email address in use"
	takenPhone            = "create of an identity with a phone number in use"
	takenACSUserEmail     = "create of an ACS user with an email address in use"
	neverLinked           = "user_identity_id of an ACS user that was never linked"
	formerlyLinked        = "user_identity_id of an ACS user that was linked once"
	addNoUser             = "add of no such ACS user"
	addNoIdentity         = "add to no such identity"
	removeNoUser          = "remove of no such ACS user"
	removeNoIdentity      = "remove from no such identity"
	getNoUser             = "get of no such ACS user"
	getNoIdentity         = "get of no such identity"
	getNoUUID             = "get of an id that is no UUID"
	unknownKeyAnswer      = "get with an unknown API key"
)

// What the embedded Seam answers, in the two rehearsals and in each of them.
var (
	commonAnswers = map[string]string{
		getAfterWrite:    "shown at once",
		acceptedWrite:    "200, then linked to Jane (Jane requested)",
		neverLinked:      "absent",
		formerlyLinked:   "absent",
		addNoUser:        "404 acs_user_not_found",
		addNoIdentity:    "404 user_identity_not_found",
		removeNoUser:     "404 acs_user_not_found",
		removeNoIdentity: "404 user_identity_not_found",
		getNoUser:        "404 acs_user_not_found",
		getNoIdentity:    "404 user_identity_not_found",
		getNoUUID:        "400 invalid_input",
		unknownKeyAnswer: "401 unauthorized",
	}
	carefulAnswers = map[string]string{
		addLinkedElsewhere:    "400 acs_user_has_another_user_identity, then linked to Jane (Jane before, John requested)",
		addLinkedHere:         "200",
		addSecond:             "400 user_identity_already_in_acs_system, then the first is linked to Jane and the second to nobody",
		removeUnlinked:        "200",
		removeLinkedElsewhere: "400 acs_user_has_another_user_identity, then linked to John (John before, Jane requested)",
		pageAfterAdd:          "shown at once",
		pageAfterRemove:       "shown at once",
		disconnectedSystem:    `not asked: no access system of workspace "Harbour House" is disconnected and has ACS users`,
		pendingMember:         "not asked: nothing is pending after add_to_access_group, and the member is shown at once",
		takenEmail:            "400 user_identity_email_or_phone_conflict",
		takenPhone:            "400 user_identity_email_or_phone_conflict",
		takenACSUserEmail:     "200, a second one",
	}
	rivalAnswers = map[string]string{
		addLinkedElsewhere:    "200, then linked to John (Jane before, John requested)",
		addLinkedHere:         "400 acs_user_already_added",
		addSecond:             "200, then the first is linked to Jane and the second to Jane",
		removeUnlinked:        "400 acs_user_not_added",
		removeLinkedElsewhere: "200, then linked to nobody (John before, Jane requested)",
		pageAfterAdd:          "shown after 500ms",
		pageAfterRemove:       "shown after 500ms",
		disconnectedSystem:    "200",
		pendingMember:         "not shown within 30s",
		takenEmail:            "200, the one that has it",
		takenPhone:            "200, the one that has it",
		takenACSUserEmail:     "400 acs_user_email_conflict",
	}
)

func (l *liveWorkspace) askAboutLinks() {
	l.answer(neverLinked, "%s", l.rawHolder(l.card))
	added := l.add(l.jane, l.card)
	l.answer(getAfterWrite, "%s", l.shown(func() bool { return l.holder(l.card) == "Jane" }))
	l.answer(acceptedWrite, "%s, then linked to %s (Jane requested)", added, l.holder(l.card))
	l.answer(pageAfterAdd, "%s", l.shown(func() bool { return l.isListed(l.jane) }))
	l.wantHolder(l.card, "Jane")
	l.answer(addLinkedHere, "%s", l.add(l.jane, l.card))
	l.answer(addLinkedElsewhere, "%s, then linked to %s (Jane before, John requested)", l.add(l.john, l.card), l.holder(l.card))

	l.unlink()
	l.add(l.jane, l.card)
	l.wantHolder(l.card, "Jane")
	l.answer(addSecond, "%s, then the first is linked to %s and the second to %s", l.add(l.jane, l.fob), l.holder(l.card), l.holder(l.fob))

	l.unlink()
	l.answer(removeUnlinked, "%s", l.remove(l.jane, l.card))
	l.add(l.john, l.card)
	l.wantHolder(l.card, "John")
	l.answer(removeLinkedElsewhere, "%s, then linked to %s (John before, Jane requested)", l.remove(l.jane, l.card), l.holder(l.card))

	l.unlink()
	l.answer(pageAfterRemove, "%s", l.shown(func() bool { return l.isListed("") }))
	l.answer(formerlyLinked, "%s", l.rawHolder(l.card))
	l.answer(addNoUser, "%s", l.add(l.jane, strangeID))
	l.answer(addNoIdentity, "%s", l.add(strangeID, l.card))
	l.answer(removeNoUser, "%s", l.remove(l.jane, strangeID))
	l.answer(removeNoIdentity, "%s", l.remove(strangeID, l.card))
	l.answer(getNoUser, "%s", l.post(getUserRoute, body{"acs_user_id": strangeID}))
	l.answer(getNoIdentity, "%s", l.post(getIdentity, body{"user_identity_id": strangeID}))
	l.answer(getNoUUID, "%s", l.post(getUserRoute, body{"acs_user_id": "jane"}))
	stranger := *l
	stranger.token = unknownKey
	l.answer(unknownKeyAnswer, "%s", stranger.post(getUserRoute, body{"acs_user_id": l.card}))
}

// shown says how long it takes until something is shown.
func (l *liveWorkspace) shown(is func() bool) string {
	l.t.Helper()
	switch waited, ok := l.until(is); {
	case !ok:
		return fmt.Sprintf("not shown within %s", waited)
	case waited > 0:
		return fmt.Sprintf("shown after %s", waited)
	}
	return "shown at once"
}

// rawHolder returns how Seam writes which identity an ACS user is linked to.
func (l *liveWorkspace) rawHolder(user string) string {
	l.t.Helper()
	var out struct {
		ACSUser map[string]json.RawMessage `json:"acs_user"`
	}
	l.read(getUserRoute, body{"acs_user_id": user}, &out)
	if raw, ok := out.ACSUser["user_identity_id"]; ok {
		return string(raw)
	}
	return "absent"
}

// isListed reports whether a list page shows the card as linked to an identity, or with
// "" to none.
func (l *liveWorkspace) isListed(identity string) bool {
	l.t.Helper()
	var page struct {
		ACSUsers []struct {
			ACSUserID      string `json:"acs_user_id"`
			UserIdentityID string `json:"user_identity_id"`
		} `json:"acs_users"`
	}
	l.read(listUsersRoute, body{"acs_system_id": l.systemID, "search": l.emails[l.card]}, &page)
	for _, user := range page.ACSUsers {
		if user.ACSUserID == l.card {
			return user.UserIdentityID == identity
		}
	}
	return false
}

func (l *liveWorkspace) askAboutPeople() {
	email := l.emails[l.jane]
	id, r := l.createIdentity(email, body{"full_name": "Terraform live test twin", "email_address": email})
	l.answer(takenEmail, "%s", created(r, id, l.jane))

	phone := fmt.Sprintf("+1415555%04d", rand.IntN(10_000))
	first := l.newEmail("Phone")
	owner, r := l.createIdentity(first, body{"full_name": "Terraform live test phone", "email_address": first, "phone_number": phone})
	if owner == "" {
		l.answer(takenPhone, "not asked: create with phone number %s was answered with %s", phone, r)
	} else {
		second := l.newEmail("Phone")
		id, r = l.createIdentity(second, body{"full_name": "Terraform live test phone", "email_address": second, "phone_number": phone})
		l.answer(takenPhone, "%s", created(r, id, owner))
	}

	id, r = l.createACSUser(l.emails[l.card])
	l.answer(takenACSUserEmail, "%s", created(r, id, l.card))
}

// created describes what a create with a value in use was answered with.
func created(r response, id, owner string) string {
	switch id {
	case "":
		return r.String()
	case owner:
		return r.String() + ", the one that has it"
	}
	return r.String() + ", a second one"
}

func (l *liveWorkspace) askAboutGroups() {
	group := l.accessGroup()
	if group == "" {
		l.answer(pendingMember, "not asked: the access system has no access group")
		return
	}
	membership := body{"acs_access_group_id": group, "acs_user_id": l.card}
	r := l.post(usersNamespace+"/add_to_access_group", membership)
	if r.status != http.StatusOK {
		l.answer(pendingMember, "not asked: add_to_access_group was answered with %s", r)
		return
	}
	pending, shown := l.isPending(), l.shown(func() bool { return l.isMember(group) })
	if pending {
		l.answer(pendingMember, "%s", shown)
	} else {
		l.answer(pendingMember, "not asked: nothing is pending after add_to_access_group, and the member is %s", shown)
	}
	l.persist(usersNamespace+"/remove_from_access_group", membership)
}

// isPending reports whether Seam has a change of the card's groups that the access
// system does not have.
func (l *liveWorkspace) isPending() bool {
	l.t.Helper()
	var out struct {
		ACSUser struct {
			Mutations []struct {
				Code string `json:"mutation_code"`
			} `json:"pending_mutations"`
		} `json:"acs_user"`
	}
	l.read(getUserRoute, body{"acs_user_id": l.card}, &out)
	for _, mutation := range out.ACSUser.Mutations {
		if strings.Contains(mutation.Code, "group_membership") {
			return true
		}
	}
	return false
}

func (l *liveWorkspace) isMember(group string) bool {
	l.t.Helper()
	var out struct {
		ACSUsers []struct {
			ID string `json:"acs_user_id"`
		} `json:"acs_users"`
	}
	l.read("/acs/access_groups/list_users", body{"acs_access_group_id": group}, &out)
	for _, user := range out.ACSUsers {
		if user.ID == l.card {
			return true
		}
	}
	return false
}

// A test does not disconnect an account: it asks about one that is disconnected.
func (l *liveWorkspace) askAboutSystems() {
	for _, system := range l.systems() {
		if !system.isDisconnected() {
			continue
		}
		var page struct {
			ACSUsers []struct {
				ID string `json:"acs_user_id"`
			} `json:"acs_users"`
		}
		if r := l.persist(listUsersRoute, body{"acs_system_id": system.ACSSystemID}); r.status == http.StatusOK {
			l.decode(listUsersRoute, r, &page)
		}
		if len(page.ACSUsers) > 0 {
			l.answer(disconnectedSystem, "%s", l.persist(getUserRoute, body{"acs_user_id": page.ACSUsers[0].ID}))
			return
		}
	}
	l.answer(disconnectedSystem, "not asked: no access system of workspace %q is disconnected and has ACS users", l.workspaceName)
}

func (s liveSystem) isDisconnected() bool {
	for _, problem := range s.Errors {
		if strings.HasSuffix(problem.Code, "disconnected") {
			return true
		}
	}
	return false
}
