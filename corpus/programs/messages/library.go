package main

import (
	"archive/zip"
	"bufio"
	"bytes"
	"container/ring"
	"context"
	"crypto"
	"crypto/aes"
	"crypto/cipher"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"database/sql"
	"database/sql/driver"
	"encoding/base64"
	"encoding/binary"
	"encoding/gob"
	"encoding/hex"
	"encoding/json"
	"errors"
	"expvar"
	"flag"
	"fmt"
	"go/ast"
	"html/template"
	"io"
	"log"
	"math/big"
	mrand "math/rand"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"os"
	"os/signal"
	"reflect"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"text/tabwriter"
	texttemplate "text/template"
	"time"

	"github.com/example/depot"
)

type nobody struct{}

func (nobody) Open(string) (driver.Conn, error) { return nil, nil }

type negative struct{}

func (negative) Read([]byte) (int, error) { return minus, nil }

type greedy struct{}

func (greedy) Write(p []byte) (int, error) { return len(p) + 1, nil }

type hidden struct{ name string }

//go:noinline
func takeFrom(s *depot.Shelf) int { return s.Take(7) }

func block() cipher.Block { b, _ := aes.NewCipher(make([]byte, 16)); return b }

func serve(handler http.Handler) {
	server := httptest.NewServer(handler)
	defer server.Close()
	http.Get(server.URL + "/orders")
}

func orders(w http.ResponseWriter, r *http.Request) { fill(nil) }

var _ = add(map[string]func(){
	"third-party":          func() { sink = takeFrom(&depot.Shelf{}) },
	"third-party-panic":    func() { sink = depot.MustOpen("") },
	"third-party-nil":      func() { var s *depot.Shelf; sink = takeFrom(s) },
	"third-party-callback": func() { s := depot.Shelf{Items: three}; s.Each(func(int) { fill(nil) }) },
	"http-handler":         func() { serve(http.HandlerFunc(orders)) },
	"http-mux":             func() { mux := http.NewServeMux(); mux.HandleFunc("/orders", orders); serve(mux) },
	"http-abort": func() {
		serve(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(errors.New("abort")) }))
	},
	"http-twice":           func() { http.HandleFunc("/a", orders); http.HandleFunc("/a", orders) },
	"http-pattern":         func() { http.HandleFunc("", orders) },
	"http-nil-handler":     func() { http.HandleFunc("/a", nil) },
	"http-code":            func() { httptest.NewRecorder().WriteHeader(42) },
	"http-request":         func() { httptest.NewRequest("GET", "::", nil) },
	"http-nil-context":     func() { new(http.Request).WithContext(nil) },
	"zip-twice":            func() { zip.RegisterCompressor(zip.Deflate, nil) },
	"bufio-split":          func() { s := bufio.NewScanner(strings.NewReader("a")); s.Scan(); s.Split(bufio.ScanWords) },
	"bufio-buffer":         func() { s := bufio.NewScanner(strings.NewReader("a")); s.Scan(); s.Buffer(nil, 1) },
	"bufio-negative":       func() { bufio.NewReader(negative{}).ReadByte() },
	"bytes-negative":       func() { new(bytes.Buffer).ReadFrom(negative{}) },
	"bytes-grow":           func() { new(bytes.Buffer).Grow(minus) },
	"bytes-large":          func() { b := new(bytes.Buffer); b.WriteByte(1); b.Grow(1<<63 - 1 + zero) },
	"bytes-truncate":       func() { new(bytes.Buffer).Truncate(3) },
	"bytes-repeat":         func() { bytes.Repeat([]byte("a"), minus) },
	"bytes-write-count":    func() { bytes.NewBufferString("a").WriteTo(greedy{}) },
	"strings-repeat":       func() { strings.Repeat("a", minus) },
	"strings-overflow":     func() { strings.Repeat("abc", 1<<62) },
	"strings-grow":         func() { new(strings.Builder).Grow(minus) },
	"strings-builder":      func() { var a strings.Builder; a.WriteByte(1); b := a; b.WriteByte(1) },
	"strings-replacer":     func() { strings.NewReplacer("a") },
	"ring":                 func() { ring.New(1).Unlink(1); (*ring.Ring)(nil).Link(ring.New(1)); var r *ring.Ring; r.Move(1) },
	"context-nil":          func() { context.WithCancel(nil) },
	"context-key":          func() { context.WithValue(context.Background(), nil, 1) },
	"context-uncomparable": func() { context.WithValue(context.Background(), []int{}, 1) },
	"crypto-hash":          func() { crypto.MD4.New() },
	"cipher-iv":            func() { cipher.NewCBCEncrypter(block(), nil) },
	"cipher-blocks": func() {
		cipher.NewCBCEncrypter(block(), make([]byte, 16)).CryptBlocks(make([]byte, 5), make([]byte, 5))
	},
	"cipher-small":    func() { cipher.NewCBCEncrypter(block(), make([]byte, 16)).CryptBlocks(nil, make([]byte, 16)) },
	"cipher-nonce":    func() { g, _ := cipher.NewGCM(block()); g.Seal(nil, nil, nil, nil) },
	"aes-block":       func() { block().Encrypt(make([]byte, 16), make([]byte, 3)) },
	"ed25519-key":     func() { ed25519.Sign(ed25519.PrivateKey{1}, nil) },
	"rand-int":        func() { rand.Int(rand.Reader, new(big.Int)) },
	"x509-nil":        func() { x509.NewCertPool().AddCert(nil) },
	"sql-twice":       func() { sql.Register("db", nobody{}); sql.Register("db", nobody{}) },
	"sql-nil":         func() { sql.Register("db", nil) },
	"base64-alphabet": func() { base64.NewEncoding("short") },
	"base64-padding":  func() { base64.StdEncoding.WithPadding('A') },
	"binary-short":    func() { binary.BigEndian.Uint32([]byte{1}) },
	"hex-odd":         func() { hex.Decode(nil, []byte("aabb")) },
	"gob-names":       func() { gob.RegisterName("a", 1); gob.RegisterName("a", "b") },
	"gob-empty":       func() { gob.RegisterName("", 1) },
	"json-must": func() {
		_, err := json.Marshal(make(chan int))
		if err != nil {
			panic(err)
		}
	},
	"errors-as-nil":      func() { errors.As(io.EOF, nil) },
	"errors-as-pointer":  func() { errors.As(io.EOF, io.EOF) },
	"errors-as-type":     func() { errors.As(io.EOF, reflect.New(reflect.TypeOf(3)).Interface()) },
	"expvar-twice":       func() { expvar.NewInt("a"); expvar.NewInt("a") },
	"flag-twice":         func() { flag.Int("a", 1, ""); flag.Int("a", 1, "") },
	"flag-dash":          func() { flag.Int("-a", 1, "") },
	"flag-equals":        func() { flag.Int("a=b", 1, "") },
	"flag-set-before":    func() { flag.Set("later", "1"); flag.Int("later", 1, "") },
	"ast":                func() { ast.Walk(nil, nil) },
	"html-must":          func() { template.Must(template.New("page").Parse("{{")) },
	"template-must":      func() { texttemplate.Must(texttemplate.New("page").Parse("{{.x")) },
	"template-func":      func() { texttemplate.New("a").Funcs(texttemplate.FuncMap{"f": 3}) },
	"template-func-name": func() { texttemplate.New("a").Funcs(texttemplate.FuncMap{"a-b": fmt.Sprint}) },
	"template-option":    func() { texttemplate.New("a").Option("missingkey=panic") },
	"io-copy": func() {
		io.CopyBuffer(struct{ io.Writer }{io.Discard}, struct{ io.Reader }{strings.NewReader("a")}, []byte{})
	},
	"log-panic":          func() { log.Panicf("cannot read %s", "settings") },
	"big-divide":         func() { new(big.Int).Div(big.NewInt(1), new(big.Int)) },
	"big-sqrt":           func() { new(big.Int).Sqrt(big.NewInt(-1)) },
	"big-nan":            func() { big.NewFloat(zeroFloat / zeroFloat) },
	"rand-n":             func() { mrand.Intn(zero) },
	"netip-must":         func() { netip.MustParseAddr("1.2.3") },
	"netip-prefix":       func() { netip.MustParsePrefix("1.2.3.4/99") },
	"netip-as4":          func() { sink = netip.Addr{}.As4() },
	"net-nil-context":    func() { new(net.Dialer).DialContext(nil, "tcp", "localhost:1") },
	"url-nil":            func() { var u *url.URL; sink = u.Host },
	"signal-nil":         func() { signal.Notify(nil) },
	"reflect-zero":       func() { sink = reflect.ValueOf(nil).Type() },
	"reflect-kind":       func() { sink = reflect.ValueOf("a").Int() },
	"reflect-set":        func() { reflect.ValueOf(3).SetInt(4) },
	"reflect-unexported": func() { sink = reflect.ValueOf(hidden{}).Field(0).Interface() },
	"reflect-set-hidden": func() { reflect.ValueOf(&hidden{}).Elem().Field(0).SetString("a") },
	"reflect-set-type":   func() { var s string; reflect.ValueOf(&s).Elem().Set(reflect.ValueOf(3)) },
	"reflect-field":      func() { sink = reflect.ValueOf(hidden{}).Field(5) },
	"reflect-numfield":   func() { sink = reflect.TypeOf(3).NumField() },
	"reflect-elem":       func() { sink = reflect.TypeOf(3).Elem() },
	"reflect-index":      func() { sink = reflect.ValueOf(three).Index(9) },
	"reflect-call-few":   func() { reflect.ValueOf(area).Call(nil) },
	"reflect-call-type":  func() { reflect.ValueOf(area).Call([]reflect.Value{reflect.ValueOf(3)}) },
	"reflect-nil-func":   func() { var f func(); reflect.ValueOf(f).Call(nil) },
	"reflect-nil-map":    func() { var m map[string]int; reflect.ValueOf(m).SetMapIndex(reflect.ValueOf("a"), reflect.ValueOf(1)) },
	"reflect-convert":    func() { sink = reflect.ValueOf("a").Convert(reflect.TypeOf(3)) },
	"reflect-new-nil":    func() { reflect.New(nil) },
	"reflect-isnil":      func() { sink = reflect.ValueOf(3).IsNil() },
	"regexp-must":        func() { regexp.MustCompile("a(b") },
	"syscall-nul":        func() { syscall.StringByteSlice("a\x00b") },
	"testing-short":      func() { testing.Short() },
	"tabwriter":          func() { new(tabwriter.Writer).Init(os.Stdout, minus, 0, 0, ' ', 0) },
	"ticker":             func() { time.NewTicker(0) },
	"ticker-reset":       func() { time.NewTicker(time.Hour).Reset(0) },
	"timer-stop":         func() { new(time.Timer).Stop() },
	"timer-reset":        func() { new(time.Timer).Reset(1) },
	"time-location":      func() { time.Now().In(nil) },
	"time-date":          func() { time.Date(2026, 1, 1, 0, 0, 0, 0, nil) },
})

var zeroFloat float64
