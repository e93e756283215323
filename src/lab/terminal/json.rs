//! As much of JSON as a reassignment needs.

/// A value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Json {
    /// A number, or one of the three words.
    Plain(String),
    Text(String),
    List(Vec<Json>),
    Object(Vec<(String, Json)>),
}

impl Json {
    /// Reads a whole text.
    pub fn read(text: &str) -> Option<Json> {
        let letters: Vec<char> = text.chars().collect();
        let mut reader = Reader { letters, at: 0 };
        let value = reader.value(0)?;
        reader.space();
        (reader.at == reader.letters.len()).then_some(value)
    }

    /// A field of an object.
    pub fn field(&self, name: &str) -> Option<&Json> {
        match self {
            Json::Object(fields) => fields
                .iter()
                .find(|(known, _)| known == name)
                .map(|(_, value)| value),
            _ => None,
        }
    }

    /// Its items.
    pub fn items(&self) -> &[Json] {
        match self {
            Json::List(items) => items,
            _ => &[],
        }
    }

    /// A whole number.
    pub fn number(&self) -> Option<i64> {
        match self {
            Json::Plain(text) => text.parse().ok(),
            _ => None,
        }
    }

    /// Its text.
    pub fn text(&self) -> Option<&str> {
        match self {
            Json::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// No value is nested deeper.
const DEEPEST: u32 = 16;

struct Reader {
    letters: Vec<char>,
    at: usize,
}

impl Reader {
    fn space(&mut self) {
        while self
            .letters
            .get(self.at)
            .is_some_and(|letter| letter.is_whitespace())
        {
            self.at += 1;
        }
    }

    fn next_is(&mut self, wanted: char) -> bool {
        self.space();
        let is = self.letters.get(self.at) == Some(&wanted);
        self.at += usize::from(is);
        is
    }

    fn value(&mut self, depth: u32) -> Option<Json> {
        if depth > DEEPEST {
            return None;
        }
        if self.next_is('{') {
            return self.object(depth);
        }
        if self.next_is('[') {
            return self.list(depth);
        }
        if self.next_is('"') {
            return self.text().map(Json::Text);
        }
        let from = self.at;
        let is_plain =
            |letter: &char| letter.is_ascii_alphanumeric() || ['-', '+', '.'].contains(letter);
        while self.letters.get(self.at).is_some_and(is_plain) {
            self.at += 1;
        }
        let plain: String = self.letters[from..self.at].iter().collect();
        (!plain.is_empty()).then_some(Json::Plain(plain))
    }

    fn list(&mut self, depth: u32) -> Option<Json> {
        let mut items = Vec::new();
        if self.next_is(']') {
            return Some(Json::List(items));
        }
        loop {
            items.push(self.value(depth + 1)?);
            if self.next_is(']') {
                return Some(Json::List(items));
            }
            self.next_is(',').then_some(())?;
        }
    }

    fn object(&mut self, depth: u32) -> Option<Json> {
        let mut fields = Vec::new();
        if self.next_is('}') {
            return Some(Json::Object(fields));
        }
        loop {
            self.next_is('"').then_some(())?;
            let name = self.text()?;
            self.next_is(':').then_some(())?;
            fields.push((name, self.value(depth + 1)?));
            if self.next_is('}') {
                return Some(Json::Object(fields));
            }
            self.next_is(',').then_some(())?;
        }
    }

    fn text(&mut self) -> Option<String> {
        let mut text = String::new();
        loop {
            let letter = *self.letters.get(self.at)?;
            self.at += 1;
            match letter {
                '"' => return Some(text),
                '\\' => {
                    text.push(*self.letters.get(self.at)?);
                    self.at += 1;
                }
                letter => text.push(letter),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reassignment_is_read_and_nonsense_is_not() {
        let json = Json::read(r#" {"version":1, "partitions":[{"topic":"a","replicas":[3, 2]}]} "#);
        let json = json.expect("JSON");
        let first = &json.field("partitions").expect("partitions").items()[0];
        assert_eq!(first.field("topic").and_then(Json::text), Some("a"));
        let replicas = first.field("replicas").expect("replicas").items();
        assert_eq!(
            replicas.iter().filter_map(Json::number).collect::<Vec<_>>(),
            [3, 2]
        );
        for nonsense in ["", "{", "[1,", "{\"a\":1}x", "\"", "{a:1}"] {
            assert_eq!(Json::read(nonsense), None, "{nonsense}");
        }
        assert_eq!(Json::read(&"[".repeat(100)), None);
    }
}
