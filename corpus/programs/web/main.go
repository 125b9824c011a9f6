// Command web has a handler that panics; net/http logs that and lives on.
package main

import (
	"log"
	"net/http"
	"net/http/httptest"
)

type visits struct{ byPath map[string]int }

func (v *visits) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	v.byPath[r.URL.Path]++ // crash: handler
}

func main() {
	log.SetFlags(0)
	server := httptest.NewServer(&visits{})
	defer server.Close()
	_, err := http.Get(server.URL + "/cart")
	log.Print("client: ", err)
}
