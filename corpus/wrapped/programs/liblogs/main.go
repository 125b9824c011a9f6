// Command liblogs logs a recovered panic by the loggers of Debian's packages
// (GOPATH mode): liblogs MODE.
package main

import (
	"fmt"
	"os"
	"runtime/debug"

	"github.com/rs/zerolog"
	"github.com/sirupsen/logrus"
	"go.uber.org/zap"
	"k8s.io/klog"
)

type cart struct{ items []string }

//go:noinline
func (c *cart) item(n int) string { return c.items[n] }

func recovered(report func(v any, stack []byte)) {
	defer func() { report(recover(), debug.Stack()) }()
	fmt.Println((&cart{items: []string{"tea"}}).item(3))
}

func main() {
	zp, _ := zap.NewProduction()
	zd, _ := zap.NewDevelopment()
	zl := zerolog.New(os.Stderr).With().Timestamp().Logger()
	switch os.Args[1] {
	case "zap-json":
		recovered(func(v any, s []byte) { zp.Error("panic in handler", zap.Any("panic", v), zap.ByteString("stack", s)) })
	case "zap-dev":
		recovered(func(v any, s []byte) {
			zd.Error("panic in handler", zap.Any("panic", v), zap.String("stack", string(s)))
		})
	case "zap-panic":
		zp.Info("served", zap.Int("order", 17))
		zp.Panic("cart is broken", zap.Int("order", 18))
	case "zap-fatal":
		zp.Fatal("cart is broken")
	case "zerolog":
		recovered(func(v any, s []byte) { zl.Error().Interface("panic", v).Bytes("stack", s).Msg("panic in handler") })
	case "zerolog-console":
		l := zl.Output(zerolog.ConsoleWriter{Out: os.Stderr})
		recovered(func(v any, s []byte) { l.Error().Str("stack", string(s)).Msg("panic in handler") })
	case "zerolog-panic":
		zl.Panic().Int("order", 18).Msg("cart is broken")
	case "logrus-text":
		recovered(func(v any, s []byte) { logrus.WithField("stack", string(s)).Errorf("panic: %v", v) })
	case "logrus-json":
		logrus.SetFormatter(&logrus.JSONFormatter{})
		recovered(func(v any, s []byte) { logrus.WithField("stack", string(s)).Errorf("panic: %v", v) })
	case "logrus-panic":
		logrus.WithField("order", 18).Panic("cart is broken")
	case "klog-error":
		klog.Info("served order 17")
		recovered(func(v any, s []byte) { klog.Errorf("Observed a panic: %v\n%s", v, s) })
		klog.Info("served order 18")
	case "klog-fatal":
		klog.Fatalf("cart is broken: %d", 18)
	}
}
