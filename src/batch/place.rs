//! Where a crash ran, as the path of its log tells. A layout is a row here.

use std::sync::LazyLock;

use regex::Regex;

/// The names that a layout's groups have.
const NAMES: [&str; 4] = ["namespace", "pod", "container", "host"];

const LAYOUTS: &[&str] = &[
    // kubelet: /var/log/pods/NAMESPACE_POD_UID/CONTAINER/RESTARTS.log
    r"(?:^|/)(?<namespace>[a-z0-9.-]+)_(?<pod>[a-z0-9.-]+)_[0-9a-f-]{32,36}/(?<container>[a-z0-9.-]+)/\d+\.log",
    // links to them: /var/log/containers/POD_NAMESPACE_CONTAINER-ID.log
    r"(?:^|/)(?<pod>[a-z0-9.-]+)_(?<namespace>[a-z0-9.-]+)_(?<container>[a-z0-9.-]+)-[0-9a-f]{64}\.log",
    // must-gather
    r"(?:^|/)namespaces/(?<namespace>[^/]+)/pods/(?<pod>[^/]+)/(?<container>[^/]+)/[^/]+/logs/",
    // troubleshoot.sh
    r"(?:^|/)cluster-resources/pods/logs/(?<namespace>[^/]+)/(?<pod>[^/]+)/(?<container>[^/]+?)(?:-previous)?\.log",
    // kubectl cluster-info dump
    r"(?:^|/)(?<namespace>[^/]+)/(?<pod>[^/]+)/logs\.txt$",
    // docker
    r"(?:^|/)containers/(?<container>[0-9a-f]{64})/",
];

static PATTERNS: LazyLock<Vec<Regex>> =
    LazyLock::new(|| LAYOUTS.iter().filter_map(|layout| Regex::new(layout).ok()).collect());

/// What the path of a log tells.
pub(super) fn of(path: &str) -> Vec<(&'static str, String)> {
    let Some(found) = PATTERNS.iter().find_map(|pattern| pattern.captures(path)) else { return Vec::new() };
    let named = NAMES.iter().filter_map(|name| Some((*name, found.name(name)?.as_str().to_owned())));
    named.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layouts() {
        assert_eq!(PATTERNS.len(), LAYOUTS.len());
        let id = "0123456789abcdef".repeat(4);
        let uid = "12345678-1234-1234-1234-123456789abc";
        let told = |path: &str| of(path).into_iter().map(|(_, name)| name).collect::<Vec<_>>().join(" ");
        for (path, place) in [
            (format!("/var/log/pods/shop_web-7d9_{uid}/api/3.log.20261123-061500.gz"), "shop web-7d9 api"),
            (format!("/var/log/containers/web-7d9_shop_api-{id}.log"), "shop web-7d9 api"),
            ("mg/namespaces/shop/pods/web/api/api/logs/previous.log".to_owned(), "shop web api"),
            ("b/cluster-resources/pods/logs/shop/web/api-previous.log".to_owned(), "shop web api"),
            ("dump/shop/web/logs.txt".to_owned(), "shop web"),
            (format!("/var/lib/docker/containers/{id}/{id}-json.log"), &*id),
            ("/var/log/syslog".to_owned(), ""),
        ] {
            assert_eq!(told(&path), place, "{path}");
        }
    }
}
