//! Which rules are applied.

use clap::builder::{PossibleValue, PossibleValuesParser};

use crate::audit::{RULES, Rule, rule};
use crate::error::{Error, Result};

/// The names of all rules, with what they find, for help and completion.
pub(super) fn names() -> PossibleValuesParser {
    PossibleValuesParser::new(RULES.iter().map(|rule| PossibleValue::new(rule.id).help(rule.finds)))
}

/// Chooses rules; those that need values only where values are fetched.
pub(super) fn rules(only: &[String], skip: &[String], deep: bool) -> Result<Vec<&'static Rule>> {
    if let Some(blind) = only.iter().filter_map(|id| rule(id)).find(|rule| rule.sees.needs_values() && !deep) {
        return Err(Error::usage(format!("rule `{}` looks at values", blind.id))
            .hint("add --deep: the Secrets are fetched, and no value is shown"));
    }
    let wanted = |rule: &&&Rule| {
        let named = |list: &[String]| list.iter().any(|id| id == rule.id);
        (only.is_empty() || named(only)) && !named(skip) && (deep || !rule.sees.needs_values())
    };
    let chosen: Vec<&'static Rule> = RULES.iter().filter(wanted).copied().collect();
    if chosen.is_empty() {
        return Err(Error::usage("`--skip` leaves no rule").hint("leave out fewer rules"));
    }
    Ok(chosen)
}
