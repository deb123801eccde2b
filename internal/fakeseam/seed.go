package fakeseam

import (
	"fmt"
	"strings"
)

// Small is the world of SeedSmall. Identities are named by the first name of the person, ACS
// users by the first name and the access system.
type Small struct {
	Workspace Workspace
	Token     string // a personal access token for Workspace

	Salto  System // "Salto HQ"
	Garage System // "Visionline Garage"

	Jane, John, Amira, Priya UserIdentity

	JaneSalto   ACSUser // linked to Jane
	JaneGarage  ACSUser // not linked, although Jane has an identity
	JohnSalto   ACSUser // linked to John
	JohnGarage  ACSUser // linked to John
	AmiraSalto  ACSUser // not linked, although Amira has an identity
	WeiGarage   ACSUser // not linked, and Wei has no identity
	FrontDesk   ACSUser // no email address and no phone number
	Unlinked    []ACSUser
	LinkedPairs []Link
}

// SeedSmall adds a workspace "Harbour House" with two access systems and a
// handful of people, some of them linked.
func SeedSmall(s *Server) Small {
	ws := s.AddWorkspace("Harbour House")
	w := Small{
		Workspace: ws,
		Token:     s.AddToken(ws.ID),
		Salto:     s.AddSystem(ws.ID, "Salto HQ", "salto_ks_site"),
		Garage:    s.AddSystem(ws.ID, "Visionline Garage", "visionline_system"),
	}
	jane := Person{FullName: "Jane Doe", EmailAddress: "jane@example.com", PhoneNumber: "+15555550100", Key: "jane_doe"}
	john := Person{FullName: "John Smith", EmailAddress: "john@example.com", PhoneNumber: "+15555550101", Key: "john_smith"}
	amira := Person{FullName: "Amira Haddad", EmailAddress: "amira@example.com", PhoneNumber: "+15555550102", Key: "amira_haddad"}
	priya := Person{FullName: "Priya Patel", EmailAddress: "priya@example.com"}
	wei := Person{FullName: "Wei Chen", EmailAddress: "wei@example.com", PhoneNumber: "+15555550104"}

	w.Jane = s.AddUserIdentity(ws.ID, jane)
	w.John = s.AddUserIdentity(ws.ID, john)
	w.Amira = s.AddUserIdentity(ws.ID, amira)
	w.Priya = s.AddUserIdentity(ws.ID, priya)

	w.JaneSalto = s.AddACSUser(w.Salto.ID, jane)
	w.JohnSalto = s.AddACSUser(w.Salto.ID, john)
	w.AmiraSalto = s.AddACSUser(w.Salto.ID, amira)
	w.FrontDesk = s.AddACSUser(w.Salto.ID, Person{FullName: "Front Desk"})
	w.JaneGarage = s.AddACSUser(w.Garage.ID, jane)
	w.JohnGarage = s.AddACSUser(w.Garage.ID, john)
	w.WeiGarage = s.AddACSUser(w.Garage.ID, wei)

	s.Link(w.Jane.ID, w.JaneSalto.ID)
	s.Link(w.John.ID, w.JohnSalto.ID)
	s.Link(w.John.ID, w.JohnGarage.ID)

	// The objects above are from before the links.
	for _, i := range []*UserIdentity{&w.Jane, &w.John, &w.Amira, &w.Priya} {
		*i, _ = s.UserIdentity(i.ID)
	}
	for _, u := range []*ACSUser{
		&w.JaneSalto, &w.JohnSalto, &w.AmiraSalto, &w.FrontDesk, &w.JaneGarage, &w.JohnGarage, &w.WeiGarage,
	} {
		*u, _ = s.ACSUser(u.ID)
		if u.UserIdentityID == "" {
			w.Unlinked = append(w.Unlinked, *u)
		} else {
			w.LinkedPairs = append(w.LinkedPairs, Link{u.UserIdentityID, u.ID})
		}
	}
	return w
}

// Building is the world of SeedBuilding.
type Building struct {
	Workspace Workspace
	Token     string
	Systems   []System
	// Identities has one entry for each person.
	Identities []UserIdentity
	// ACSUsers has every person in the first system, in the order of Identities, then every
	// second person in the second system, every third one in the third, and so on.
	ACSUsers []ACSUser
}

// SeedBuilding adds a workspace "Harbour Tower" with four access systems and this number of
// people. Two of three people are linked in all of their access systems. Except for ids and
// secrets, it is the same in every run.
func SeedBuilding(s *Server, people int) Building {
	ws := s.AddWorkspace("Harbour Tower")
	b := Building{
		Workspace: ws,
		Token:     s.AddToken(ws.ID),
		Systems: []System{
			s.AddSystem(ws.ID, "Salto Lobby", "salto_ks_site"),
			s.AddSystem(ws.ID, "Brivo Offices", "brivo_account"),
			s.AddSystem(ws.ID, "Visionline Garage", "visionline_system"),
			s.AddSystem(ws.ID, "Kisi Roof", "kisi_organization"),
		},
	}
	for n := range people {
		b.Identities = append(b.Identities, s.AddUserIdentity(ws.ID, resident(n)))
	}
	for nth, sys := range b.Systems {
		for n := 0; n < people; n += nth + 1 {
			u := s.AddACSUser(sys.ID, resident(n))
			if n%3 != 2 {
				s.Link(b.Identities[n].ID, u.ID)
				u.UserIdentityID = b.Identities[n].ID
				b.Identities[n].ACSUserIDs = append(b.Identities[n].ACSUserIDs, u.ID)
			}
			b.ACSUsers = append(b.ACSUsers, u)
		}
	}
	return b
}

// resident returns the n-th person of a building.
func resident(n int) Person {
	given := []string{"Ada", "Ben", "Chloé", "Daniel", "Elif", "Farid", "Grace", "Hana", "Ivan", "Jun", "Kofi", "Lena"}
	family := []string{"Abbott", "Bianchi", "Castro", "Dubois", "Eriksen", "Fischer", "García", "Hughes", "Ito", "Jensen", "Kaur", "Li", "Müller"}
	name := given[n%len(given)] + " " + family[n%len(family)]
	key := fmt.Sprintf("resident_%06d", n)
	if round := n / (len(given) * len(family)); round > 0 {
		name += fmt.Sprintf(" %d", round+1)
	}
	return Person{
		FullName:     name,
		EmailAddress: strings.ReplaceAll(key, "_", "-") + "@example.com",
		PhoneNumber:  fmt.Sprintf("+1555%07d", n%10_000_000),
		Key:          key,
	}
}
