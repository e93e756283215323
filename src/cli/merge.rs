//! `acklab merge`: the parts of a hunt joined.

use super::args::{Lang, MergeArgs};
use super::part::{Part, Sum};
use super::subject::{Subject, read};
use super::{BadInput, Outcome};

pub(super) fn merge(args: &MergeArgs, lang: Lang) -> Result<Outcome, BadInput> {
    let mut parts = Vec::new();
    for path in &args.files {
        let name = path.display().to_string();
        parts.extend(Part::read_all(&read(path)?, &name)?);
    }
    let sum = Sum::of(&parts)?;
    let subject = Subject::read(parts.first().map_or("", Part::experiment), lang)?;
    match args.json {
        true => sum.print_json(&subject, lang),
        false => {
            sum.print(&subject, lang);
            for part in &sum.missing {
                let en = format!("part {part} is missing");
                let zh = format!("缺少第 {part} 部分");
                anstream::println!("{}", lang.t(&en, &zh));
            }
        }
    }
    Ok(sum.outcome())
}
