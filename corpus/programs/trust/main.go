// Command trust asks a server whose certificate no root of the system has signed.
package main

import (
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
)

func main() {
	log.SetFlags(0)
	log.SetOutput(os.Stdout)
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	defer server.Close()
	// The port is another at every run.
	if _, err := http.Get(server.URL); err != nil {
		log.Print("fetch: ", unwrapped(err))
		os.Exit(1)
	}
}

func unwrapped(err error) error {
	if inner, ok := err.(interface{ Unwrap() error }); ok {
		return inner.Unwrap()
	}
	return err
}
