//! A crash without what is too much of it: one of a million records has no room for a
//! message of megabytes, or a stack of a hundred thousand frames.

use super::{Crash, Value};

/// Frames of a stack that stay; the runtime itself prints a hundred.
const FRAMES: u32 = 2000;
/// Bytes of all texts together that stay, and of each name.
const TEXT: usize = 128 << 10;
const NAME: usize = 4096;

impl Crash {
    /// Leaves out the ends of long stacks and texts, and says so among the repairs.
    pub fn shorten(&mut self) {
        let length = self.span.bytes.end.saturating_sub(self.span.bytes.start);
        if length <= TEXT as u64 {
            return;
        }
        let mut frames = 0u64;
        for goroutine in &mut self.goroutines {
            let more = goroutine.frame_count.saturating_sub(FRAMES);
            frames = frames.saturating_add(more.into());
            goroutine.frame_count = goroutine.frame_count.min(FRAMES);
            if let Some(elided) = &mut goroutine.elided {
                elided.after = elided.after.min(FRAMES);
            }
            goroutine.pcs.truncate(FRAMES as usize);
            goroutine.ancestors.truncate(FRAMES as usize);
        }
        let mut room = Room { left: TEXT, cut: 0 };
        for link in &mut self.chain {
            room.text(&mut link.message);
            match &mut link.value {
                Value::Typed { type_name, value } => {
                    room.text(type_name);
                    room.text(value);
                }
                Value::Opaque { type_name } => room.text(type_name),
                Value::Text => {}
            }
        }
        room.rows(&mut self.chain, |_| 1);
        self.title.iter_mut().chain(&mut self.served).for_each(|text| room.text(text));
        for texts in [&mut self.notes, &mut self.asides, &mut self.losses, &mut self.repairs] {
            texts.iter_mut().for_each(|text| room.text(text));
            room.rows(texts, String::len);
        }
        self.remarks.iter_mut().for_each(|remark| room.text(&mut remark.text));
        room.rows(&mut self.remarks, |remark| remark.text.len());
        let fields = self.source.identity.fields.iter_mut().map(|(_, name)| name);
        fields.chain(self.source.stamp.iter_mut().map(|stamp| &mut stamp.raw)).for_each(|name| {
            room.cut(name, NAME);
        });
        for goroutine in &mut self.goroutines {
            goroutine.attributes.iter_mut().for_each(|text| room.text(text));
            room.rows(&mut goroutine.attributes, String::len);
            for (key, value) in &mut goroutine.labels {
                room.text(key);
                room.text(value);
            }
            room.rows(&mut goroutine.labels, |(key, _)| key.len());
        }
        self.registers.iter_mut().for_each(|(name, _)| room.cut(name, NAME));
        room.rows(&mut self.registers, |_| 1);
        room.cut = room.cut.saturating_add(self.names.shorten(NAME));
        if frames > 0 {
            self.repairs.push(format!(
                "{frames} frames behind the first {FRAMES} of a stack are left out of the record"
            ));
        }
        if room.cut > 0 {
            self.repairs.push(format!("{} bytes of long texts are left out of the record", room.cut));
        }
    }
}

/// Room for texts, each of which may take what is left.
struct Room {
    left: usize,
    cut: usize,
}

impl Room {
    fn text(&mut self, text: &mut String) {
        self.cut(text, self.left);
        self.left = self.left.saturating_sub(text.len());
    }

    fn cut(&mut self, text: &mut String, most: usize) {
        let most = most.min(text.len());
        let end = (0..=most).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
        self.cut = self.cut.saturating_add(text.len().saturating_sub(end));
        text.truncate(end);
        text.shrink_to_fit();
    }

    /// Without the rows behind those that there was room for.
    fn rows<T>(&mut self, rows: &mut Vec<T>, length: impl Fn(&T) -> usize) {
        const MOST: usize = 1000;
        let empty = rows.iter().rev().take_while(|row| length(row) == 0).count();
        let filled = if self.left == 0 { rows.len().saturating_sub(empty) } else { rows.len() };
        rows.truncate(filled.min(MOST));
    }
}
