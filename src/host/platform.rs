//! Platforms as images declare them: `linux/arm/v7`.

use std::fmt;

use crate::target::{Goarch, Goos};

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Platform {
    /// GOOS and GOARCH (OCI image-spec, image-index.md, `platform`), or
    /// whatever else an image says.
    pub os: String,
    pub arch: String,
    pub variant: Option<String>,
}

impl Platform {
    /// Other names of one platform become one, as in containerd/platforms
    /// (database.go, normalizeArch); a missing variant of arm stays missing.
    pub fn new(os: &str, arch: &str, variant: Option<&str>) -> Platform {
        let variant = variant.map(str::to_lowercase).filter(|variant| !variant.is_empty());
        let (arch, variant) = match (arch.to_lowercase().as_str(), variant.as_deref()) {
            ("x86_64" | "x86-64" | "amd64", variant) => ("amd64".to_owned(), variant.filter(|v| *v != "v1")),
            ("i386", _) => ("386".to_owned(), None),
            ("aarch64" | "arm64", variant) => {
                ("arm64".to_owned(), variant.filter(|v| !matches!(*v, "v8" | "8")))
            }
            ("armhf", _) => ("arm".to_owned(), Some("v7")),
            ("armel", _) => ("arm".to_owned(), Some("v6")),
            (arch, variant) => (arch.to_owned(), variant),
        };
        let variant = match (arch.as_str(), variant) {
            ("arm", Some(number @ ("5" | "6" | "7" | "8"))) => Some(format!("v{number}")),
            (_, variant) => variant.map(str::to_owned),
        };
        let os = os.to_lowercase();
        Platform { os: if os == "macos" { "darwin".to_owned() } else { os }, arch, variant }
    }

    /// `linux/arm64`, `linux/arm/v7`.
    pub fn parse(text: &str) -> Option<Platform> {
        let mut parts = text.split('/');
        let (os, arch, variant) = (parts.next()?, parts.next()?, parts.next());
        let whole = parts.next().is_none() && !os.is_empty() && !arch.is_empty() && variant != Some("");
        whole.then(|| Platform::new(os, arch, variant))
    }

    pub fn goos(&self) -> Option<Goos> {
        Goos::parse(&self.os)
    }

    pub fn goarch(&self) -> Option<Goarch> {
        Goarch::parse(&self.arch)
    }

    /// Is this what was asked for? Who names no variant takes any.
    pub(super) fn answers(&self, wanted: &Platform) -> bool {
        // containerd takes an arm without a variant for v7.
        let variant = |platform: &Platform| match (&platform.variant, platform.arch.as_str()) {
            (None, "arm") => Some("v7".to_owned()),
            (variant, _) => variant.clone(),
        };
        self.os == wanted.os
            && self.arch == wanted.arch
            && (wanted.variant.is_none() || variant(self) == variant(wanted))
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.os, self.arch)?;
        self.variant.iter().try_for_each(|variant| write!(f, "/{variant}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_names_of_one_platform() {
        let same = [("linux/aarch64", "linux/arm64"), ("linux/arm64/v8", "linux/arm64")];
        let same = same.into_iter().chain([("linux/arm/7", "linux/arm/v7"), ("linux/armhf", "linux/arm/v7")]);
        for (other, name) in same.chain([("Linux/x86_64", "linux/amd64"), ("linux/arm", "linux/arm")]) {
            assert_eq!(Platform::parse(other).unwrap().to_string(), name);
        }
        assert_eq!(["linux", "linux/", "/arm", "a/b/c/d", "a/b/"].map(Platform::parse), [const { None }; 5]);
        let answers = |have: &str, wanted: &str| {
            Platform::parse(have).unwrap().answers(&Platform::parse(wanted).unwrap())
        };
        assert!(answers("linux/arm/v6", "linux/arm") && answers("linux/arm", "linux/arm/v7"));
        assert!(!answers("linux/arm/v6", "linux/arm/v7") && !answers("linux/arm", "linux/arm64"));
    }
}
