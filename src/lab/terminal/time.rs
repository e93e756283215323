//! Times as Kafka's tools read them.

use crate::kafka::metadata::MetadataImage;
use crate::kafka::{Offset, TopicPartition};
use crate::lab::terminal::desk::Desk;
use crate::sim::MS;

/// The first offset whose record is not older than `at_ms` (since 1970): what a leader answers to ListOffsets with a
/// timestamp.
pub fn offset_at(
    desk: &Desk,
    image: &MetadataImage,
    partition: TopicPartition,
    at_ms: i64,
) -> Option<Offset> {
    let leader = desk.leader(image, partition)?;
    let host = desk.world.model.broker(leader);
    let end = host.high_watermark(partition)?;
    let mut entries = host.log(partition)?.entries();
    let found = entries.find(|entry| {
        let written_ms = desk.epoch_ms + entry.batch.max_timestamp / MS;
        written_ms as i64 >= at_ms && entry.base_offset < end
    });
    found.map(|entry| entry.base_offset)
}

/// `YYYY-MM-DDThh:mm:ss.sss`, with `Z` or an offset behind (`Utils.getDateTime`); without, UTC.
pub fn of_datetime(text: &str) -> Result<i64, String> {
    let unparseable = || format!("java.text.ParseException: Unparseable date: \"{text}\"");
    let (date, clock) = text.split_once('T').ok_or_else(unparseable)?;
    let clock = clock.trim_end_matches('Z');
    let numbers = |text: &str, by: &[char]| {
        let parts = text.split(by).map(str::parse::<i64>);
        parts.collect::<Result<Vec<_>, _>>().ok()
    };
    let date = numbers(date, &['-']).ok_or_else(unparseable)?;
    let clock = numbers(clock, &[':', '.']).ok_or_else(unparseable)?;
    let ([year, month, day], [hour, minute, second, rest @ ..]) = (&date[..], &clock[..]) else {
        return Err(unparseable());
    };
    let millis = rest.first().copied().unwrap_or(0);
    let seconds = ((days(*year, *month, *day) * 24 + hour) * 60 + minute) * 60 + second;
    Ok(seconds * 1000 + millis)
}

/// Days since 1970 of a date of the Gregorian calendar.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// `PnDTnHnMnS` in milliseconds.
pub fn of_duration(text: &str) -> Result<i64, String> {
    let unparseable = || {
        "java.time.format.DateTimeParseException: Text cannot be parsed to a Duration".to_owned()
    };
    let rest = text.strip_prefix('P').ok_or_else(unparseable)?;
    let (mut total_ms, mut number) = (0_i64, String::new());
    for letter in rest.chars() {
        let unit_ms = match letter {
            'T' => continue,
            'D' => 86_400_000,
            'H' => 3_600_000,
            'M' => 60_000,
            'S' => 1_000,
            digit => {
                number.push(digit);
                continue;
            }
        };
        let (whole, part) = number.split_once('.').unwrap_or((&number, ""));
        let whole: i64 = whole.parse().map_err(|_| unparseable())?;
        let part: i64 = format!("{part:0<3}")[..3]
            .parse()
            .map_err(|_| unparseable())?;
        total_ms += whole.saturating_mul(unit_ms) + part * unit_ms / 1000;
        number.clear();
    }
    if number.is_empty() {
        Ok(total_ms)
    } else {
        Err(unparseable())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_durations_are_read_as_java_reads_them() {
        assert_eq!(of_datetime("1970-01-02T00:00:01.500"), Ok(86_401_500));
        assert_eq!(
            of_datetime("2026-11-23T17:33:26.534Z"),
            Ok(1_795_455_206_534)
        );
        assert!(of_datetime("yesterday").is_err());
        assert_eq!(of_duration("P1DT2H3M4.5S"), Ok(93_784_500));
        assert_eq!(of_duration("PT0S"), Ok(0));
        assert!(of_duration("5 minutes").is_err());
    }
}
