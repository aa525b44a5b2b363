// Package web serves the engine's calls as JSON over HTTP: on the daemon's local socket while it
// runs, and inside the command line's own process while it does not. One code path for both.
package web

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"

	"introd/daemon"
)

// mostRequest bounds the body of a call: a draft's text at the longest.
const mostRequest = 1 << 20

// Handler serves every call under POST /v1/<name>.
func Handler(e *daemon.Engine) http.Handler {
	mux := http.NewServeMux()
	route(mux, "add", e.Add)
	route(mux, "ask", e.Ask)
	route(mux, "decide", e.Decide)
	route(mux, "edit", e.Edit)
	route(mux, "meet", e.Meet)
	route(mux, "propose-times", e.ProposeTimes)
	route(mux, "pause", e.Pause)
	route(mux, "people", e.People)
	route(mux, "show", e.Show)
	route(mux, "why", e.Why)
	route(mux, "drafts", e.Drafts)
	route(mux, "plan", e.Plan)
	route(mux, "status", e.Status)
	route(mux, "look", e.Look)
	route(mux, "check", e.Check)
	route(mux, "trial", e.Trial)
	route(mux, "touch", e.Touch)
	route(mux, "introductions", e.Introductions)
	route(mux, "target", e.Target)
	route(mux, "targets", e.Targets)
	route(mux, "show-target", e.ShowTarget)
	route(mux, "debrief", e.Debrief)
	route(mux, "tasks", e.TaskList)
	route(mux, "add-task", e.AddTask)
	route(mux, "done", e.Done)
	route(mux, "advice", e.Advice)
	route(mux, "advice-list", e.AdviceList)
	route(mux, "note", e.Note)
	route(mux, "search", e.Search)
	route(mux, "prep", e.Prep)
	route(mux, "questions", e.Questions)
	route(mux, "import", e.Import)
	route(mux, "merge", e.Merge)
	route(mux, "undo-import", e.UndoImport)
	route(mux, "mine", e.Mine)
	route(mux, "network", e.Network)
	route(mux, "clear-network", e.ClearNetwork)
	route(mux, "paths", e.Paths)
	route(mux, "backup", e.Backup)
	route(mux, "restore", e.Restore)
	route(mux, "forget", e.Forget)
	route(mux, "export", e.Export)
	route(mux, "import-export", e.ImportExport)
	route(mux, "stats", e.Stats)
	route(mux, "names", e.Names)
	return mux
}

// A Failure is the body of an answer that is no success. Refusal says that the call was understood
// and turned down: the words are for the owner.
type Failure struct {
	Words   string `json:"error"`
	Refusal bool   `json:"refusal,omitempty"`
}

func (f *Failure) Error() string { return f.Words }

func route[Q, A any](mux *http.ServeMux, name string, call func(context.Context, Q) (A, error)) {
	mux.HandleFunc("POST /v1/"+name, func(w http.ResponseWriter, r *http.Request) {
		var q Q
		decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, mostRequest))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&q); err != nil {
			answer(w, http.StatusBadRequest, &Failure{Words: fmt.Sprintf("call %s: %v", name, err)})
			return
		}
		a, err := call(r.Context(), q)
		var no *daemon.Refusal
		switch {
		case err == nil:
			answer(w, http.StatusOK, a)
		case errors.As(err, &no):
			answer(w, http.StatusConflict, &Failure{Words: no.Words, Refusal: true})
		default:
			answer(w, http.StatusInternalServerError, &Failure{Words: daemon.Plain(err)})
		}
	})
}

func answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // the other end hung up: nobody is left to tell
}

// Call makes one call through a client whose transport reaches a Handler, wherever it runs.
func Call[A any](ctx context.Context, client *http.Client, name string, q any) (a A, err error) {
	body, err := json.Marshal(q)
	if err != nil {
		return a, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://introd/v1/"+name, bytes.NewReader(body))
	if err != nil {
		return a, err
	}
	response, err := client.Do(request)
	if err != nil {
		return a, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		failure := &Failure{Words: response.Status}
		_ = json.NewDecoder(response.Body).Decode(failure)
		return a, failure
	}
	return a, json.NewDecoder(response.Body).Decode(&a)
}

// Local is a transport that serves requests by a handler in the same process.
type Local struct{ Handler http.Handler }

// RoundTrip implements http.RoundTripper.
func (l Local) RoundTrip(r *http.Request) (*http.Response, error) {
	w := &recorder{header: http.Header{}, status: http.StatusOK}
	l.Handler.ServeHTTP(w, r)
	return &http.Response{
		StatusCode: w.status, Status: http.StatusText(w.status), Header: w.header, Body: io.NopCloser(&w.body), Request: r,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
	}, nil
}

// recorder keeps an answer in memory.
type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (w *recorder) Header() http.Header         { return w.header }
func (w *recorder) WriteHeader(status int)      { w.status = status }
func (w *recorder) Write(b []byte) (int, error) { return w.body.Write(b) }
