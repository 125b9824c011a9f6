//! Paths and libraries that Go programs look for by themselves, so that they
//! are known of every host whose files can be seen.

/// Where crypto/x509 looks for the system's certificates on Linux: the first
/// of the files that can be read (crypto/x509/root_linux.go, Go 1.21 to 1.27).
pub const CERTIFICATE_FILES: [&str; 6] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/pki/tls/cacert.pem",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/cert.pem",
];

/// Directories all files of which it reads as well (the same file).
pub const CERTIFICATE_DIRECTORIES: [&str; 2] = ["/etc/ssl/certs", "/etc/pki/tls/certs"];

/// Directories of time zones (time/zoneinfo_unix.go, Go 1.27; 1.21 is the same).
pub const ZONE_DIRECTORIES: [&str; 4] =
    ["/usr/share/zoneinfo", "/usr/share/lib/zoneinfo", "/usr/lib/locale/TZ", "/etc/zoneinfo"];

/// Files of names that net and os/user read (net/conf.go, net/hook_unix.go,
/// net/port_unix.go, net/lookup_unix.go, os/user/lookup.go, Go 1.27).
pub const NAME_FILES: [&str; 8] = [
    "/etc/nsswitch.conf",
    "/etc/resolv.conf",
    "/etc/hosts",
    "/etc/mdns.allow",
    "/etc/services",
    "/etc/protocols",
    "/etc/passwd",
    "/etc/group",
];

/// What else a program that is put into an image misses: the local time zone
/// (time/zoneinfo_unix.go), a shell, `os.TempDir`.
pub const OTHER_PATHS: [&str; 3] = ["/etc/localtime", "/bin/sh", "/tmp"];

/// All of these are in [`super::Host::files`] of `local` and of `image:`, and
/// [`super::Host::file`] answers for them. A directory of certificates or time
/// zones counts only where it holds something. What container runtimes put in
/// place ([`MADE_BY_RUNTIMES`]) is not known of an image that lacks it.
pub const WELL_KNOWN: [&[&str]; 6] = [
    &CERTIFICATE_FILES,
    &CERTIFICATE_DIRECTORIES,
    &ZONE_DIRECTORIES,
    &NAME_FILES,
    &OTHER_PATHS,
    &super::libc::GLIBC_LOADERS,
];

/// Docker, containerd and CRI-O mount these over whatever the image has.
pub const MADE_BY_RUNTIMES: [&str; 2] = ["/etc/resolv.conf", "/etc/hosts"];

/// Libraries that glibc opens by itself, also for static programs: NSS (glibc
/// nss/nss_module.c), and libgcc_s for pthread_exit and the like. They are in
/// [`super::Host::libraries`] of `local` and `image:`.
pub const WELL_KNOWN_LIBRARIES: [&str; 4] =
    ["libc.so.6", "libnss_files.so.2", "libnss_dns.so.2", "libgcc_s.so.1"];
