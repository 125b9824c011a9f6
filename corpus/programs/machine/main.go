// Command machine is all that runs on a machine of QEMU that makes cores: it runs the
// programs of /cases, each line `name GOMAXPROCS executable argument...`, and sends
// their cores and what they printed, as a tar, to the machine's virtio port.
// cores/boot starts it.
package main

import (
	"archive/tar"
	"bufio"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
	"unsafe"
)

func check(err error) {
	if err != nil {
		fmt.Println("init:", err)
		syscall.Reboot(syscall.LINUX_REBOOT_CMD_POWER_OFF)
	}
}

// load puts in the modules of /modules, in the order of their names.
func load() {
	modules, _ := os.ReadDir("/modules")
	for _, module := range modules {
		data, err := os.ReadFile("/modules/" + module.Name())
		check(err)
		none := []byte{0}
		_, _, failed := syscall.Syscall(syscall.SYS_INIT_MODULE, uintptr(unsafe.Pointer(&data[0])), uintptr(len(data)), uintptr(unsafe.Pointer(&none[0])))
		fmt.Println("init:", module.Name(), failed)
	}
	time.Sleep(2 * time.Second)
}

func main() {
	for _, m := range [][2]string{{"devtmpfs", "/dev"}, {"proc", "/proc"}, {"sysfs", "/sys"}, {"tmpfs", "/tmp"}} {
		check(os.MkdirAll(m[1], 0o755))
		check(syscall.Mount(m[0], m[1], m[0], 0, ""))
	}
	load()
	check(os.WriteFile("/proc/sys/kernel/core_pattern", []byte("/tmp/core"), 0o644))
	unlimited := syscall.Rlimit{Cur: ^uint64(0), Max: ^uint64(0)}
	check(syscall.Setrlimit(syscall.RLIMIT_CORE, &unlimited))
	port, err := os.OpenFile("/dev/vport0p1", os.O_WRONLY, 0)
	if err != nil {
		port, err = os.OpenFile("/dev/vport1p1", os.O_WRONLY, 0)
	}
	check(err)
	zip, err := gzip.NewWriterLevel(port, gzip.BestSpeed)
	check(err)
	out := tar.NewWriter(zip)
	file := func(name string, mode int64, size int64, from io.Reader) {
		check(out.WriteHeader(&tar.Header{Name: name, Mode: mode, Size: size}))
		_, err := io.Copy(out, from)
		check(err)
	}
	cases, err := os.Open("/cases")
	check(err)
	for lines := bufio.NewScanner(cases); lines.Scan(); {
		words := strings.Fields(lines.Text())
		if len(words) < 3 {
			continue
		}
		fmt.Println("init:", words)
		command := exec.Command(words[2], words[3:]...)
		command.Dir = "/build"
		command.Env = []string{"GOTRACEBACK=crash", "GOMAXPROCS=" + words[1], "SECRET=hunter2"}
		var printed bytes.Buffer
		command.Stderr = &printed
		fmt.Println("init:", command.Run())
		file(words[0]+"/stderr", 0o644, int64(printed.Len()), &printed)
		if core, err := os.Open("/tmp/core"); err == nil {
			facts, err := core.Stat()
			check(err)
			fmt.Println("init: core of", facts.Size())
			file(words[0]+"/core", 0o644, facts.Size(), core)
			core.Close()
			check(os.Remove("/tmp/core"))
		} else {
			fmt.Println("init:", err)
		}
	}
	version, _ := os.ReadFile("/proc/version")
	file("version", 0o644, int64(len(version)), bytes.NewReader(version))
	cpu, _ := os.ReadFile("/proc/cpuinfo")
	file("cpuinfo", 0o644, int64(len(cpu)), bytes.NewReader(cpu))
	check(out.Close())
	check(zip.Close())
	port.Close()
	syscall.Sync()
	syscall.Reboot(syscall.LINUX_REBOOT_CMD_POWER_OFF)
}
