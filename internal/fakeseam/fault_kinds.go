package fakeseam

import (
	"net/http"
	"time"
)

// FaultKind is something that can go wrong with a request.
type FaultKind struct {
	Name   string
	Weight int  // how often it is chosen
	IsLate bool // the effect of a write lands after the response; set Fault.Later
	Fault  Fault
}

// FaultKinds are what can go wrong with a request. Late and missing effects are for
// writes, which are few, and so have a large weight. Of the 4xx, only 408 may come with
// an effect: the others say that there was none.
var FaultKinds = []FaultKind{
	{"dropped before", 8, false, Fault{Drop: DropBeforeEffect}},
	{"dropped after", 12, false, Fault{Drop: DropAfterEffect}},
	{"dropped, late", 15, true, Fault{Drop: DropBeforeEffect}},
	{"hung before", 4, false, Fault{Hang: 300 * time.Millisecond}},
	{"hung after", 14, false, Fault{HangAfterEffect: 300 * time.Millisecond}},
	{"hung, late", 15, true, Fault{Hang: 300 * time.Millisecond}},
	{"cut off", 10, false, Fault{CutBody: true}},
	{"cut off, late", 15, true, Fault{CutBody: true}},
	{"no effect", 30, false, Fault{NoEffect: true}},
	{"408 after", 2, false, Fault{Status: http.StatusRequestTimeout, AfterEffect: true}},
	{"408 late", 8, true, Fault{Status: http.StatusRequestTimeout}},
	{"500 before", 4, false, Fault{Status: http.StatusInternalServerError}},
	{"500 after", 8, false, Fault{Status: http.StatusInternalServerError, AfterEffect: true}},
	{"500 late", 15, true, Fault{Status: http.StatusInternalServerError}},
	{"502 page before", 4, false, Fault{Status: http.StatusBadGateway, HTML: true}},
	{"502 page late", 15, true, Fault{Status: http.StatusBadGateway, HTML: true}},
	{"503 before", 4, false, Fault{Status: http.StatusServiceUnavailable}},
	{"503 late", 15, true, Fault{Status: http.StatusServiceUnavailable}},
	{"504 page after", 8, false, Fault{Status: http.StatusGatewayTimeout, HTML: true, AfterEffect: true}},
	{"200 page before", 4, false, Fault{HTML: true}},
	{"200 page after", 6, false, Fault{HTML: true, AfterEffect: true}},
	{"200 empty after", 4, false, Fault{Body: "\n", AfterEffect: true}},
	{"404 page", 4, false, Fault{Status: http.StatusNotFound, HTML: true}},
	{"404 about the key", 1, false, Fault{Status: http.StatusNotFound, Body: `{"error":{"type":"api_key_not_found","message":"API Key not found"},"ok":false}`}},
	{"401", 1, false, Fault{Status: http.StatusUnauthorized}},
	{"429 without Retry-After", 4, false, Fault{Status: http.StatusTooManyRequests}},
	{"429 for 1 s", 2, false, Fault{Status: http.StatusTooManyRequests, Header: map[string]string{"Retry-After": "1"}}},
}
