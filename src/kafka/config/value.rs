//! Values that read from and write to the text of a properties file.

/// A value of a config.
pub trait ConfigValue: Sized {
    /// Reads trimmed text; `None` when it is not of this type.
    fn from_text(text: &str) -> Option<Self>;
    /// Writes the text that reads back as this value.
    fn text(&self) -> String;
}

/// A value of whatever type, as text.
pub trait Field {
    /// Takes trimmed text; says whether it is of this type. If not, the old value stays.
    fn read(&mut self, text: &str) -> bool;
    /// Writes the text that reads back as this value.
    fn write(&self) -> String;
}

impl<T: ConfigValue> Field for T {
    fn read(&mut self, text: &str) -> bool {
        let value = T::from_text(text);
        value.map(|value| *self = value).is_some()
    }
    fn write(&self) -> String {
        self.text()
    }
}

/// A ratio in parts per million (Kafka has a double here; state holds no floats).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ppm(pub u32);

/// A config's default. Every one is parsed by the registry's own test, so it always reads.
pub fn default<T: ConfigValue>(name: &str, text: &str) -> T {
    T::from_text(text).unwrap_or_else(|| unread(name))
}

#[cold]
fn unread(name: &str) -> ! {
    panic!("default of {name}")
}

macro_rules! numbers {
    ($($ty:ty)*) => { $(
        impl ConfigValue for $ty {
            fn from_text(text: &str) -> Option<Self> { text.parse().ok() }
            fn text(&self) -> String { self.to_string() }
        }
    )* };
}
numbers!(u32 u64 i32 i64);

impl ConfigValue for bool {
    fn from_text(text: &str) -> Option<Self> {
        // ConfigDef.parseType ignores case.
        match text {
            t if t.eq_ignore_ascii_case("true") => Some(true),
            t if t.eq_ignore_ascii_case("false") => Some(false),
            _ => None,
        }
    }
    fn text(&self) -> String {
        self.to_string()
    }
}

impl ConfigValue for String {
    fn from_text(text: &str) -> Option<Self> {
        Some(text.to_string())
    }
    fn text(&self) -> String {
        self.clone()
    }
}

impl<T: ConfigValue> ConfigValue for Option<T> {
    fn from_text(text: &str) -> Option<Self> {
        match text {
            "null" => Some(None),
            _ => T::from_text(text).map(Some),
        }
    }
    fn text(&self) -> String {
        self.as_ref().map_or_else(|| "null".into(), T::text)
    }
}

/// A list separated by commas, blanks around its items ignored.
impl<T: ConfigValue> ConfigValue for Vec<T> {
    fn from_text(text: &str) -> Option<Self> {
        if text.is_empty() {
            return Some(Vec::new());
        }
        text.split(',')
            .map(|item| T::from_text(item.trim()))
            .collect()
    }
    fn text(&self) -> String {
        self.iter().map(T::text).collect::<Vec<_>>().join(",")
    }
}

impl ConfigValue for Ppm {
    fn from_text(text: &str) -> Option<Self> {
        let (whole, part) = text.split_once('.').unwrap_or((text, ""));
        let digits = part.get(..part.len().min(6))?;
        if !part.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let scale = 10_u32.checked_pow(6 - digits.len() as u32)?;
        let part = if digits.is_empty() {
            0
        } else {
            digits.parse::<u32>().ok()? * scale
        };
        let ppm = whole
            .parse::<u32>()
            .ok()?
            .checked_mul(1_000_000)?
            .checked_add(part)?;
        (ppm <= 1_000_000).then_some(Ppm(ppm))
    }
    fn text(&self) -> String {
        let text = format!("{}.{:06}", self.0 / 1_000_000, self.0 % 1_000_000);
        let text = text.trim_end_matches('0');
        if text.ends_with('.') {
            format!("{text}0")
        } else {
            text.to_string()
        }
    }
}
