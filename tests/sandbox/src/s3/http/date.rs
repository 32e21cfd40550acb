//! Moments as S3 and HTTP write them.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// Year, month, day of a day since 1970.
fn civil(day: u64) -> (u64, u64, u64) {
    // Years that begin in March have their leap day at the end.
    let day = day + 719_468;
    let era = day / 146_097;
    let of_era = day % 146_097;
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let (month, next) = if month < 10 {
        (month + 3, 0)
    } else {
        (month - 9, 1)
    };
    (era * 400 + year + next, month, day)
}

fn days(year: u64, month: u64, day: u64) -> u64 {
    let (year, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let of_year = (153 * month + 2) / 5 + day - 1;
    let (era, of_era) = (year / 400, year % 400);
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

fn seconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}

/// `Fri, 24 May 2013 00:00:00 GMT`
pub(super) fn http(time: SystemTime) -> String {
    let seconds = seconds(time);
    let (year, month, day) = civil(seconds / 86_400);
    let of_day = seconds % 86_400;
    format!(
        "{}, {day:02} {} {year} {:02}:{:02}:{:02} GMT",
        DAYS[usize::try_from(seconds / 86_400 % 7).unwrap_or_default()],
        MONTHS[usize::try_from(month - 1).unwrap_or_default() % 12],
        of_day / 3600,
        of_day / 60 % 60,
        of_day % 60
    )
}

/// `2013-05-24T00:00:00.000Z`
pub(super) fn iso(time: SystemTime) -> String {
    let seconds = seconds(time);
    let (year, month, day) = civil(seconds / 86_400);
    let of_day = seconds % 86_400;
    format!(
        "{year}-{month:02}-{day:02}T{:02}:{:02}:{:02}.000Z",
        of_day / 3600,
        of_day / 60 % 60,
        of_day % 60
    )
}

/// Reads `20130524T000000Z`.
pub(super) fn parse_basic(text: &str) -> Option<SystemTime> {
    let bytes = text.as_bytes();
    if bytes.len() != 16 || bytes[8] != b'T' || bytes[15] != b'Z' {
        return None;
    }
    let number = |from: usize, to: usize| {
        let digits = text.get(from..to)?;
        digits
            .bytes()
            .all(|byte| byte.is_ascii_digit())
            .then_some(())?;
        digits.parse::<u64>().ok()
    };
    let (year, month, day) = (number(0, 4)?, number(4, 6)?, number(6, 8)?);
    let (hour, minute, second) = (number(9, 11)?, number(11, 13)?, number(13, 15)?);
    let valid = year >= 1970
        && (1..=12).contains(&month)
        && (1..=31).contains(&day)
        && hour < 24
        && minute < 60
        && second <= 60;
    let seconds =
        valid.then(|| days(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second)?;
    UNIX_EPOCH.checked_add(Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_written_and_read() {
        for (basic, long, short) in [
            (
                "20130524T000000Z",
                "Fri, 24 May 2013 00:00:00 GMT",
                "2013-05-24T00:00:00.000Z",
            ),
            (
                "20240229T235959Z",
                "Thu, 29 Feb 2024 23:59:59 GMT",
                "2024-02-29T23:59:59.000Z",
            ),
            (
                "19700101T000001Z",
                "Thu, 01 Jan 1970 00:00:01 GMT",
                "1970-01-01T00:00:01.000Z",
            ),
        ] {
            let time = parse_basic(basic).expect("a time");
            assert_eq!(http(time), long);
            assert_eq!(iso(time), short);
        }
        for text in [
            "",
            "20130524T00000Z",
            "2013052xT000000Z",
            "20131324T000000Z",
        ] {
            assert_eq!(parse_basic(text), None, "{text}");
        }
    }
}
