//! Which images a store holds: `manifest.json` of `docker save`, and `index.json`
//! of an OCI image layout with its indexes and manifests.

use rustc_hash::{FxHashMap, FxHashSet};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::super::platform::Platform;
use super::store::{Identifier, Store};
use crate::error::Error;
use crate::source::Origin;

/// Most bytes of one JSON document; containerd takes 8 MiB of a manifest.
const MOST_OF_JSON: usize = 8 << 20;
/// Most indexes inside each other, and most manifests of all of them.
const MOST_DEPTH: usize = 4;
const MOST_MANIFESTS: usize = 1000;
/// Most layers of one image; overlayfs takes 500 (fs/overlayfs/params.h, OVL_MAX_STACK).
pub(super) const MOST_LAYERS: usize = 500;

/// One image for one platform.
#[derive(Clone, Debug)]
pub(super) struct Variant {
    pub(super) platform: Option<Platform>,
    /// Tags, where the store names them.
    pub(super) names: Vec<String>,
    /// What its facts are read from: the path of its configuration.
    pub(super) place: String,
    pub(super) run: Run,
    /// Lowest first.
    pub(super) layers: Vec<LayerRef>,
    /// Tells two that are the same.
    identity: String,
}

#[derive(Clone, Debug)]
pub(super) struct LayerRef {
    pub(super) path: String,
    pub(super) is: Option<Check>,
}

/// What the bytes of a layer must be.
#[derive(Clone, Debug)]
pub(super) enum Check {
    /// As they are stored.
    Stored(Identifier),
    /// Without compression.
    Plain(Identifier),
}

/// How a container of the image starts (OCI image-spec, config.md).
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Run {
    #[serde(default, rename = "Entrypoint")]
    pub(super) entrypoint: Option<Vec<String>>,
    #[serde(default, rename = "Cmd")]
    pub(super) cmd: Option<Vec<String>>,
    #[serde(default, rename = "Env")]
    pub(super) env: Option<Vec<String>>,
    #[serde(default, rename = "User")]
    pub(super) user: Option<String>,
}

#[derive(Deserialize, Default)]
struct Config {
    #[serde(default)]
    os: String,
    #[serde(default)]
    architecture: String,
    variant: Option<String>,
    #[serde(default)]
    config: Option<Run>,
    #[serde(default)]
    rootfs: Rootfs,
}

#[derive(Deserialize, Default)]
struct Rootfs {
    #[serde(default)]
    diff_ids: Vec<String>,
}

#[derive(Deserialize)]
struct Saved {
    #[serde(rename = "Config")]
    config: String,
    #[serde(default, rename = "RepoTags")]
    tags: Option<Vec<String>>,
    #[serde(rename = "Layers")]
    layers: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct Descriptor {
    #[serde(default, rename = "mediaType")]
    media_type: String,
    digest: String,
    platform: Option<DeclaredPlatform>,
    #[serde(default)]
    annotations: Option<FxHashMap<String, String>>,
}

#[derive(Deserialize)]
struct DeclaredPlatform {
    os: String,
    architecture: String,
    variant: Option<String>,
}

/// An index or a manifest, whichever it turns out to be.
#[derive(Deserialize)]
struct Document {
    manifests: Option<Vec<Descriptor>>,
    config: Option<Descriptor>,
    layers: Option<Vec<Descriptor>>,
}

/// Names of images among the annotations of an index, those of docker and
/// containerd first (containerd images/annotations.go; OCI image-spec, annotations.md).
const NAMES: [&str; 2] = ["io.containerd.image.name", "org.opencontainers.image.ref.name"];

pub(super) fn is_layout(store: &Store) -> bool {
    store.has("oci-layout") && store.has("index.json")
}

pub(super) fn is_saved(store: &Store) -> bool {
    let bytes = store.get("manifest.json").ok();
    bytes.is_some_and(|bytes| serde_json::from_slice::<Vec<Saved>>(&bytes).is_ok_and(|list| !list.is_empty()))
}

pub(super) struct Reader<'s> {
    pub(super) store: &'s Store,
    pub(super) origin: &'s Origin,
    pub(super) problems: &'s mut Vec<Error>,
    pub(super) variants: Vec<Variant>,
    seen: FxHashSet<Identifier>,
}

impl<'s> Reader<'s> {
    pub(super) fn new(store: &'s Store, origin: &'s Origin, problems: &'s mut Vec<Error>) -> Reader<'s> {
        Reader { store, origin, problems, variants: Vec::new(), seen: FxHashSet::default() }
    }

    fn malformed(&mut self, path: &str, what: String) {
        self.problems.push(Error::Malformed { origin: self.origin.member(path), offset: 0, what });
    }

    fn limit(&mut self, path: &str, what: String) {
        self.problems.push(Error::Limit { origin: self.origin.member(path), what });
    }

    fn json<T: DeserializeOwned>(&mut self, path: &str, is: Option<&Identifier>) -> Option<T> {
        let bytes = match self.store.get(path) {
            Ok(bytes) => bytes,
            Err(why) => {
                self.malformed(path, format!("the image names this file, but it cannot be had: {why}"));
                return None;
            }
        };
        if bytes.len() > MOST_OF_JSON {
            self.limit(path, format!("{} bytes of JSON; at most {MOST_OF_JSON} are read", bytes.len()));
            return None;
        }
        if let Some(found) = is.and_then(|is| is.differs(&bytes)) {
            self.malformed(path, format!("wrong digest: its bytes are {found}; used all the same"));
        }
        match serde_json::from_slice(&bytes) {
            Ok(value) => Some(value),
            Err(error) => {
                self.malformed(path, format!("not the JSON that was expected: {error}"));
                None
            }
        }
    }

    /// `docker save`.
    pub(super) fn saved(&mut self) {
        let list: Vec<Saved> = self.json("manifest.json", None).unwrap_or_default();
        if list.len() > MOST_MANIFESTS {
            self.limit("manifest.json", format!("only the first {MOST_MANIFESTS} images were looked at"));
        }
        for saved in list.into_iter().take(MOST_MANIFESTS) {
            let is = self.saved_identifier(&saved.config);
            let config: Config = self.json(&saved.config, is.as_ref()).unwrap_or_default();
            let diffs = &config.rootfs.diff_ids;
            let layers = saved.layers.unwrap_or_default();
            let layers = layers.into_iter().enumerate().map(|(at, path)| {
                let is = diffs.get(at).and_then(|diff| Identifier::parse(diff)).map(Check::Plain);
                LayerRef { path, is }
            });
            let layers: Vec<LayerRef> = layers.collect();
            let identity = saved.config.clone();
            self.add(config, None, saved.tags.unwrap_or_default(), saved.config, layers, identity);
        }
    }

    /// The configuration is named by its digest: `<hex>.json`, or its path in a layout.
    fn saved_identifier(&self, path: &str) -> Option<Identifier> {
        let name = path.rsplit('/').next().unwrap_or(path);
        Identifier::parse(&format!("sha256:{}", name.strip_suffix(".json").unwrap_or(name)))
    }

    pub(super) fn layout(&mut self) {
        let index: Option<Document> = self.json("index.json", None);
        let manifests = index.and_then(|index| index.manifests).unwrap_or_default();
        for descriptor in manifests {
            self.descriptor(&descriptor, &[], 0);
        }
    }

    fn descriptor(&mut self, descriptor: &Descriptor, named: &[String], depth: usize) {
        // Attestations of BuildKit stand among the platforms.
        let platform = descriptor.platform.as_ref();
        if platform.is_some_and(|platform| platform.os == "unknown" && platform.architecture == "unknown") {
            return;
        }
        let Some(is) = Identifier::parse(&descriptor.digest) else {
            let what = format!("`{}` is no digest of SHA-256 or SHA-512", descriptor.digest);
            return self.malformed("index.json", what);
        };
        let path = is.path();
        if depth >= MOST_DEPTH {
            return self.limit(&path, format!("more than {MOST_DEPTH} indexes inside each other"));
        }
        let annotations = descriptor.annotations.as_ref();
        let name = NAMES.iter().find_map(|key| annotations?.get(*key)).cloned();
        let names: Vec<String> = if name.is_some() { name.into_iter().collect() } else { named.to_vec() };
        if !self.seen.insert(is.clone()) {
            let known = self.variants.iter_mut().find(|variant| variant.identity == path);
            if let Some(variant) = known {
                variant.names.extend(names);
            }
            return;
        }
        if self.seen.len() > MOST_MANIFESTS {
            if self.seen.len() == MOST_MANIFESTS.saturating_add(1) {
                self.limit(&path, format!("only the first {MOST_MANIFESTS} manifests were looked at"));
            }
            return;
        }
        // An image of one platform may be stored alone with the index of all.
        if !self.store.has(&path)
            && let Some(platform) = platform
        {
            let platform = Platform::new(&platform.os, &platform.architecture, platform.variant.as_deref());
            let what = format!("the manifest of {platform} is not stored in this image");
            return self.malformed(&path, what);
        }
        let Some(document) = self.json::<Document>(&path, Some(&is)) else { return };
        if let Some(manifests) = document.manifests {
            for inner in &manifests {
                self.descriptor(inner, &names, depth.saturating_add(1));
            }
            return;
        }
        let (Some(config), Some(layers)) = (document.config, document.layers) else {
            return self
                .malformed(&path, "neither an index (manifests) nor a manifest (config, layers)".to_owned());
        };
        self.manifest(descriptor, &config, &layers, names, path);
    }

    fn manifest(
        &mut self,
        descriptor: &Descriptor,
        config: &Descriptor,
        layers: &[Descriptor],
        names: Vec<String>,
        path: String,
    ) {
        // Other artifacts are stored in the same way (OCI image-spec, manifest.md).
        if !config.media_type.is_empty()
            && !config.media_type.contains("image.config")
            && !config.media_type.contains("container.image")
        {
            let what = format!("an artifact ({}), not a container image", config.media_type);
            return self.problems.push(Error::Unrecognised { origin: self.origin.member(&path), what });
        }
        let mut refs = Vec::new();
        for layer in layers {
            match Identifier::parse(&layer.digest) {
                Some(is) => refs.push(LayerRef { path: is.path(), is: Some(Check::Stored(is)) }),
                // Applied as one that is missing.
                None => refs.push(LayerRef { path: layer.digest.clone(), is: None }),
            }
        }
        let Some(is) = Identifier::parse(&config.digest) else {
            let what = format!("its configuration `{}` is no digest of SHA-256 or SHA-512", config.digest);
            return self.malformed(&path, what);
        };
        let place = is.path();
        let read: Config = self.json(&place, Some(&is)).unwrap_or_default();
        let platform = descriptor.platform.as_ref();
        let platform = platform.map(|p| Platform::new(&p.os, &p.architecture, p.variant.as_deref()));
        self.add(read, platform, names, place, refs, path);
    }

    fn add(
        &mut self,
        config: Config,
        listed: Option<Platform>,
        names: Vec<String>,
        place: String,
        mut layers: Vec<LayerRef>,
        identity: String,
    ) {
        let known = !config.os.is_empty() && !config.architecture.is_empty();
        let own = known.then(|| Platform::new(&config.os, &config.architecture, config.variant.as_deref()));
        if let (Some(listed), Some(own)) = (&listed, &own)
            && (&listed.os, &listed.arch) != (&own.os, &own.arch)
        {
            let what =
                format!("the index lists it as {listed}, its configuration says {own}; the index counts");
            self.malformed(&place, what);
        }
        if layers.len() > MOST_LAYERS {
            self.limit(&identity, format!("{} layers; only the first {MOST_LAYERS} are read", layers.len()));
            layers.truncate(MOST_LAYERS);
        }
        let run = config.config.unwrap_or_default();
        self.variants.push(Variant { platform: listed.or(own), names, place, run, layers, identity });
    }
}

impl Variant {
    /// An archive that is the root file system itself.
    pub(super) fn whole() -> Variant {
        Variant {
            platform: None,
            names: Vec::new(),
            place: String::new(),
            run: Run::default(),
            layers: Vec::new(),
            identity: String::new(),
        }
    }

    /// `linux/arm64 (app:1.0)`.
    pub(super) fn describe(&self) -> String {
        let platform = self.platform.as_ref().map_or("no platform".to_owned(), Platform::to_string);
        match self.names.first() {
            Some(name) => format!("{platform} ({name})"),
            None => platform,
        }
    }
}
