//! Maps and sets for the handfuls that a cluster holds: brokers, partitions, members.
//!
//! Each is one sorted list, searched by halves. For so few entries that is faster to read and to
//! clone than a tree, and every world is cloned for its checkpoints; it is also a fraction of a
//! tree's code, which each visitor of the page downloads. The same goes for sorting: the standard
//! library's sort is made anew for every type it sorts, ours is made once.

/// A map sorted by key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Map<K, V>(Vec<(K, V)>);

impl<K, V> Default for Map<K, V> {
    fn default() -> Self {
        Self::new()
    }
}

impl<K, V> Map<K, V> {
    /// An empty map.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// True without any entry.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Forgets every entry.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// The entries, by key.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&K, &V)> + ExactSizeIterator + Clone {
        self.0.iter().map(|(key, value)| (key, value))
    }

    /// The keys, sorted.
    pub fn keys(&self) -> impl DoubleEndedIterator<Item = &K> + ExactSizeIterator + Clone {
        self.0.iter().map(|(key, _)| key)
    }

    /// The values, by key.
    pub fn values(&self) -> impl DoubleEndedIterator<Item = &V> + ExactSizeIterator + Clone {
        self.0.iter().map(|(_, value)| value)
    }

    /// The values, by key, open to change.
    pub fn values_mut(&mut self) -> impl DoubleEndedIterator<Item = &mut V> {
        self.0.iter_mut().map(|(_, value)| value)
    }

    /// Keeps only the entries that `keep` says yes to.
    pub fn retain(&mut self, mut keep: impl FnMut(&K, &mut V) -> bool) {
        self.0.retain_mut(|(key, value)| keep(key, value));
    }
}

impl<K: Ord, V> Map<K, V> {
    /// Where the key is, or where it would be.
    fn place(&self, key: &K) -> Result<usize, usize> {
        self.0.binary_search_by(|(other, _)| other.cmp(key))
    }

    /// The value of a key.
    pub fn get(&self, key: &K) -> Option<&V> {
        Some(&self.0[self.place(key).ok()?].1)
    }

    /// The value of a key, open to change.
    pub fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        let place = self.place(key).ok()?;
        Some(&mut self.0[place].1)
    }

    /// True when the key has a value.
    pub fn contains_key(&self, key: &K) -> bool {
        self.place(key).is_ok()
    }

    /// Sets the value of a key; gives the one it had.
    pub fn insert(&mut self, key: K, value: V) -> Option<V> {
        match self.place(&key) {
            Ok(place) => Some(std::mem::replace(&mut self.0[place].1, value)),
            Err(place) => {
                self.0.insert(place, (key, value));
                None
            }
        }
    }

    /// The value of a key, made first when it has none.
    pub fn get_or_insert_with(&mut self, key: K, make: impl FnOnce() -> V) -> &mut V {
        let place = self.place(&key).unwrap_or_else(|place| {
            self.0.insert(place, (key, make()));
            place
        });
        &mut self.0[place].1
    }

    /// The value of a key, the default when it had none.
    pub fn get_or_default(&mut self, key: K) -> &mut V
    where
        V: Default,
    {
        self.get_or_insert_with(key, V::default)
    }

    /// Takes a key and its value out.
    pub fn remove(&mut self, key: &K) -> Option<V> {
        let place = self.place(key).ok()?;
        Some(self.0.remove(place).1)
    }

    /// The entries whose keys lie between `first` and `last`, both included.
    pub fn between<'a>(
        &'a self,
        first: &K,
        last: &K,
    ) -> impl DoubleEndedIterator<Item = (&'a K, &'a V)> + use<'a, K, V> {
        let from = self.0.partition_point(|(key, _)| key < first);
        let to = self.0.partition_point(|(key, _)| key <= last);
        let entries = self.0.get(from..to).unwrap_or_default();
        entries.iter().map(|(key, value)| (key, value))
    }
}

impl<K: Ord, V> std::ops::Index<&K> for Map<K, V> {
    type Output = V;

    fn index(&self, key: &K) -> &V {
        self.get(key).expect("only keys of the map are asked for")
    }
}

impl<K: Ord, V> Extend<(K, V)> for Map<K, V> {
    fn extend<I: IntoIterator<Item = (K, V)>>(&mut self, entries: I) {
        entries.into_iter().for_each(|(key, value)| {
            self.insert(key, value);
        });
    }
}

impl<K: Ord, V> FromIterator<(K, V)> for Map<K, V> {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> Self {
        let mut map = Self::new();
        map.extend(entries);
        map
    }
}

impl<K, V> IntoIterator for Map<K, V> {
    type Item = (K, V);
    type IntoIter = std::vec::IntoIter<(K, V)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a, K, V> IntoIterator for &'a Map<K, V> {
    type Item = (&'a K, &'a V);
    type IntoIter = std::iter::Map<std::slice::Iter<'a, (K, V)>, fn(&(K, V)) -> (&K, &V)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter().map(|(key, value)| (key, value))
    }
}

impl<'a, K, V> IntoIterator for &'a mut Map<K, V> {
    type Item = (&'a K, &'a mut V);
    type IntoIter =
        std::iter::Map<std::slice::IterMut<'a, (K, V)>, fn(&'a mut (K, V)) -> (&'a K, &'a mut V)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter_mut().map(|(key, value)| (&*key, value))
    }
}

/// A sorted set.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Set<K>(Vec<K>);

impl<K> Default for Set<K> {
    fn default() -> Self {
        Self::new()
    }
}

impl<K> Set<K> {
    /// An empty set.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// How many members there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// True without any member.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Forgets every member.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// The members, sorted.
    pub fn iter(&self) -> std::slice::Iter<'_, K> {
        self.0.iter()
    }
}

impl<K: Ord> Set<K> {
    /// True for a member.
    pub fn contains(&self, key: &K) -> bool {
        self.0.binary_search(key).is_ok()
    }

    /// Takes a member in; true when it is new.
    pub fn insert(&mut self, key: K) -> bool {
        match self.0.binary_search(&key) {
            Ok(_) => false,
            Err(place) => {
                self.0.insert(place, key);
                true
            }
        }
    }

    /// Takes a member out; true when it was one.
    pub fn remove(&mut self, key: &K) -> bool {
        let place = self.0.binary_search(key);
        place.is_ok_and(|place| {
            self.0.remove(place);
            true
        })
    }
}

impl<K: Ord> Extend<K> for Set<K> {
    fn extend<I: IntoIterator<Item = K>>(&mut self, keys: I) {
        keys.into_iter().for_each(|key| {
            self.insert(key);
        });
    }
}

impl<K: Ord> FromIterator<K> for Set<K> {
    fn from_iter<I: IntoIterator<Item = K>>(keys: I) -> Self {
        let mut set = Self::new();
        set.extend(keys);
        set
    }
}

impl<K> IntoIterator for Set<K> {
    type Item = K;
    type IntoIter = std::vec::IntoIter<K>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a, K> IntoIterator for &'a Set<K> {
    type Item = &'a K;
    type IntoIter = std::slice::Iter<'a, K>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

/// Sorts by a number; what has the same number stays in its order.
pub fn sort_by_number<T>(items: &mut [T], number: impl Fn(&T) -> u64) {
    let numbers = items.iter().map(number);
    let mut sources: Vec<(u64, usize)> = numbers.zip(0..).collect();
    sources.sort_unstable();
    // Each item is moved along its cycle; a place that has its item is its own source.
    for start in 0..items.len() {
        let mut place = start;
        while sources[place].1 != start {
            let source = std::mem::replace(&mut sources[place].1, place);
            items.swap(place, source);
            place = source;
        }
        sources[place].1 = place;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sorting_by_a_number_is_what_the_stable_sort_does() {
        for shift in 0..40_u64 {
            let number = |item: &(u64, u64)| item.0;
            let mut items: Vec<(u64, u64)> = (0..shift)
                .map(|nth| ((nth * 7 + shift * nth * nth) % 11, nth))
                .collect();
            let mut expected = items.clone();
            expected.sort_by_key(number);
            sort_by_number(&mut items, number);
            assert_eq!(items, expected);
        }
    }

    fn letters(words: &[&'static str]) -> Map<char, &'static str> {
        let first = |word: &&'static str| (word.chars().next().unwrap_or(' '), *word);
        words.iter().map(first).collect()
    }

    #[test]
    fn entries_come_sorted_and_the_last_value_of_a_key_counts() {
        let map = letters(&["cat", "ant", "bee", "cow"]);
        let entries: Vec<_> = map.iter().map(|(key, value)| (*key, *value)).collect();
        assert_eq!(entries, [('a', "ant"), ('b', "bee"), ('c', "cow")]);
    }

    #[test]
    fn what_is_taken_out_is_gone_and_the_rest_stays_in_order() {
        let mut map = letters(&["cat", "ant", "bee"]);
        assert_eq!(map.remove(&'b'), Some("bee"));
        assert_eq!(map.remove(&'b'), None);
        assert_eq!(map.insert('c', "cow"), Some("cat"));
        assert!(map.keys().eq(&['a', 'c']));
        assert!(map.contains_key(&'c') && !map.contains_key(&'b'));
    }

    #[test]
    fn a_missing_value_is_made_once() {
        let mut map = Map::new();
        *map.get_or_insert_with('a', || 1) += 1;
        *map.get_or_insert_with('a', || 10) += 1;
        assert_eq!(map.get(&'a'), Some(&3));
    }

    #[test]
    fn both_ends_of_a_range_belong_to_it() {
        let map = letters(&["ant", "bee", "cat", "dog"]);
        let keys = |first, last| map.between(&first, &last).map(|(key, _)| *key);
        assert!(keys('b', 'c').eq(['b', 'c']));
        assert!(keys('e', 'z').eq::<[char; 0]>([]));
        assert!(keys('c', 'b').eq::<[char; 0]>([]));
    }

    #[test]
    fn a_set_has_each_member_once() {
        let mut set: Set<u8> = [3, 1, 3, 2].into_iter().collect();
        assert!(set.iter().eq(&[1, 2, 3]));
        assert!(!set.insert(2) && set.insert(0));
        assert!(set.remove(&3) && !set.remove(&3));
        assert!(set.contains(&0) && !set.contains(&3));
    }
}
