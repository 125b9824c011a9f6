//! Debug information that was split off an executable: looked for where GDB
//! looks ("Debugging Information in Separate Files"), and where dsymutil puts
//! it; believed only when it carries the identity of the executable.

use std::path::{Path, PathBuf, absolute};

use object::Object;

use crate::binary::{Binary, Format, Separate};
use crate::source::Limits;

/// Where distributions put debug files, after the folders that were given.
pub(super) const SYSTEM: &str = "/usr/lib/debug";

/// The debug file of an executable, and what is to be said of the search.
pub(super) fn find(binary: &Binary, folders: &[String]) -> Separate {
    let mut search = Search { binary, folders, looked: Vec::new(), remarks: Vec::new() };
    let file = match binary.image.format {
        Format::MachO => search.dsym(),
        _ => search.by_build_id().or_else(|| search.by_link()),
    };
    if file.is_none() {
        search.not_found();
    }
    let mut remarks = search.remarks;
    remarks.extend(file.as_ref().and_then(supplement));
    Separate { file, remarks }
}

/// What dwz moved to a third file is not followed.
pub(super) fn supplement(binary: &Binary) -> Option<String> {
    let file = object::File::parse(binary.bytes()).ok()?;
    let (name, _) = file.gnu_debugaltlink().ok()??;
    let name = String::from_utf8_lossy(name);
    Some(format!("a part of the DWARF of {} is in {name} (dwz), which is not read", binary.origin))
}

struct Search<'s> {
    binary: &'s Binary,
    folders: &'s [String],
    /// Places where there was no file.
    looked: Vec<String>,
    remarks: Vec<String>,
}

impl Search<'_> {
    fn by_build_id(&mut self) -> Option<Binary> {
        let id = build_id(self.binary)?;
        let (first, rest) = id.split_at_checked(2)?;
        let inside = format!(".build-id/{first}/{rest}.debug");
        let places = self.folders.iter().map(|folder| Path::new(folder).join(&inside)).collect();
        self.first_of(places, |_| None)
    }

    fn by_link(&mut self) -> Option<Binary> {
        let (name, crc) = link(self.binary)?;
        let folder = self.folder();
        let mut places = vec![folder.join(&name), folder.join(".debug").join(&name)];
        // GDB appends the folder of the executable as it is on this machine.
        let real = folder.canonicalize().or_else(|_| absolute(&folder)).unwrap_or(folder);
        let below: PathBuf = real.components().skip_while(|part| !is_name(part)).collect();
        for folder in self.folders {
            places.push(Path::new(folder).join(&below).join(&name));
            places.push(Path::new(folder).join(&name));
        }
        self.first_of(places, move |file| {
            let mut sum = flate2::Crc::new();
            sum.update(file.bytes());
            (sum.sum() != crc).then(|| format!("its CRC is {:08x}, .gnu_debuglink says {crc:08x}", sum.sum()))
        })
    }

    fn dsym(&mut self) -> Option<Binary> {
        let name = self.name();
        let inside = format!("{name}.dSYM/Contents/Resources/DWARF/{name}");
        let folder = self.folder();
        let folders = std::iter::once(folder.as_path()).chain(self.folders.iter().map(Path::new));
        let places = folders.map(|folder| folder.join(&inside)).collect();
        self.first_of(places, |_| None)
    }

    /// The first file that is there and belongs to the executable.
    fn first_of(
        &mut self,
        places: Vec<PathBuf>,
        differs: impl Fn(&Binary) -> Option<String>,
    ) -> Option<Binary> {
        for place in places {
            let path = place.to_string_lossy().into_owned();
            if !place.is_file() {
                self.looked.push(path);
                continue;
            }
            let file = match Binary::open(&path, Limits::default()) {
                Ok(file) => file,
                Err(error) => {
                    self.remarks.push(format!("debug file not used: {error}"));
                    continue;
                }
            };
            match self.other(&file).or_else(|| differs(&file)) {
                None => return Some(file),
                Some(why) => self.remarks.push(format!("debug file {path} not used: {why}")),
            }
        }
        None
    }

    /// Why a file is not the debug file of this executable, if it is not.
    fn other(&self, file: &Binary) -> Option<String> {
        if !has_names(file) {
            return Some("it has neither DWARF nor a symbol table".to_owned());
        }
        let identities: [(&str, Identity); 3] = [
            ("build ID", build_id),
            ("UUID", uuid),
            ("Go build ID", |binary| binary.image.elf.as_ref()?.go_build_id.clone()),
        ];
        for (what, identity) in identities {
            if let (Some(own), Some(others)) = (identity(self.binary), identity(file)) {
                return (own != others)
                    .then(|| format!("its {what} is {others}, that of the executable {own}"));
            }
        }
        // Only a link with a checksum ties files without an identity together.
        let linked = link(self.binary).is_some();
        (!linked).then(|| "it has no build ID or UUID that could be compared".to_owned())
    }

    fn not_found(&mut self) {
        if !self.remarks.is_empty() {
            return;
        }
        // Every recent build has an ID; that nothing is installed for it is no news.
        let asked = self.folders.len() > 1;
        let wanted = match (link(self.binary), build_id(self.binary), uuid(self.binary)) {
            (Some((name, _)), ..) => format!("the debug file {name}"),
            (None, Some(id), _) if asked => format!("a debug file for build ID {id}"),
            (None, None, Some(id)) if asked => format!("a dSYM bundle for UUID {id}"),
            _ => return,
        };
        if !self.looked.is_empty() {
            self.remarks.push(format!("{wanted} is not at {}", self.looked.join(", ")));
        }
    }

    fn folder(&self) -> PathBuf {
        let path = Path::new(&*self.binary.origin.path);
        path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_owned()
    }

    /// The name of the executable, as it was before it was packed.
    fn name(&self) -> String {
        let path = self.binary.origin.to_string();
        let name = path.rsplit(['/', '!']).next().unwrap_or_default();
        let packed = if self.binary.unpacked.is_empty() { None } else { name.rsplit_once('.') };
        packed.map_or(name, |(name, _)| name).to_owned()
    }
}

type Identity = fn(&Binary) -> Option<String>;

fn is_name(part: &std::path::Component<'_>) -> bool {
    matches!(part, std::path::Component::Normal(_))
}

fn has_names(file: &Binary) -> bool {
    let has_dwarf = !matches!(file.debug_section(".debug_info"), Ok([]));
    has_dwarf || object::File::parse(file.bytes()).is_ok_and(|file| file.symbols().next().is_some())
}

/// Name and CRC-32 of `.gnu_debuglink`. It is a name, never a path.
fn link(binary: &Binary) -> Option<(String, u32)> {
    let file = object::File::parse(binary.bytes()).ok()?;
    let (name, crc) = file.gnu_debuglink().ok()??;
    let name = String::from_utf8_lossy(name).into_owned();
    (!name.is_empty() && !name.contains('/') && name != "..").then_some((name, crc))
}

fn build_id(binary: &Binary) -> Option<String> {
    Some(hex(object::File::parse(binary.bytes()).ok()?.build_id().ok()??))
}

fn uuid(binary: &Binary) -> Option<String> {
    Some(hex(&object::File::parse(binary.bytes()).ok()?.mach_uuid().ok()??))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
