//! `tocsin.toml` and the environment in, what a command line leaves open out.

use std::env;
use std::path::{Path, PathBuf};

use anyhow::Context;
use serde::Deserialize;

/// The file's name.
const NAME: &str = "tocsin.toml";

/// What a command takes where its line says nothing. `docs/configuration.md` describes it.
#[derive(Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Config {
    pub(crate) rules: RulesConfig,
    pub(crate) scan: ScanConfig,
}

/// Which rules.
#[derive(Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct RulesConfig {
    pub(crate) paths: Vec<PathBuf>,
    pub(crate) default: Option<bool>,
    pub(crate) module: Option<PathBuf>,
    pub(crate) strict: bool,
    pub(crate) inactive: bool,
    pub(crate) logsource: Option<String>,
}

/// What `tocsin scan` reads and prints.
#[derive(Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ScanConfig {
    pub(crate) files: Vec<PathBuf>,
    pub(crate) format: Option<String>,
    pub(crate) severity: Option<String>,
    pub(crate) fail_on: Option<String>,
    pub(crate) trust_event_sources: Vec<String>,
}

impl Config {
    /// The file that `TOCSIN_CONFIG` names, or the nearest `tocsin.toml` in this folder and those around it; over it,
    /// what the environment says.
    pub(crate) fn load() -> anyhow::Result<Config> {
        let path = match env::var_os("TOCSIN_CONFIG") {
            Some(none) if none.is_empty() => None,
            Some(path) => Some(PathBuf::from(path)),
            None => nearest(),
        };
        let mut config = match path {
            None => Config::default(),
            Some(path) => {
                let text = std::fs::read_to_string(&path);
                let text = text.with_context(|| path.display().to_string())?;
                Config::read(&text, path.parent().unwrap_or(Path::new("")))
                    .with_context(|| path.display().to_string())?
            }
        };
        config.take(|name| env::var(name).ok().filter(|text| !text.is_empty()));
        Ok(config)
    }

    /// Reads a file. Its paths are relative to the folder that it is in.
    fn read(text: &str, folder: &Path) -> anyhow::Result<Config> {
        let mut config: Config = toml::from_str(text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start);
            let line = text.get(..at).unwrap_or_default().matches('\n').count() + 1;
            anyhow::anyhow!("line {line}: {}", error.message())
        })?;
        let places = config.rules.paths.iter_mut().chain(config.scan.files.iter_mut());
        for path in places.chain(config.rules.module.as_mut()) {
            if path.as_os_str() != "-" {
                *path = folder.join(&path);
            }
        }
        Ok(config)
    }

    fn take(&mut self, variable: impl Fn(&str) -> Option<String>) {
        if let Some(paths) = variable("TOCSIN_RULES") {
            self.rules.paths = env::split_paths(&paths).collect();
        }
        if let Some(module) = variable("TOCSIN_MODULE") {
            self.rules.module = Some(module.into());
        }
        for (name, place) in [
            ("TOCSIN_FORMAT", &mut self.scan.format),
            ("TOCSIN_SEVERITY", &mut self.scan.severity),
            ("TOCSIN_FAIL_ON", &mut self.scan.fail_on),
        ] {
            if let Some(text) = variable(name) {
                *place = Some(text);
            }
        }
    }
}

/// The rules that a command is given, or those of the configuration; an error if there are none.
pub(crate) fn rules_or_configured(given: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    if given.is_empty() {
        *given = Config::load()?.rules.paths;
    }
    match given.is_empty() {
        true => {
            Err(anyhow::anyhow!("which rules? name files or folders, or give `paths` in {NAME}"))
        }
        false => Ok(()),
    }
}

/// The nearest file in this folder and those around it, as it is reached from here.
fn nearest() -> Option<PathBuf> {
    let here = env::current_dir().ok()?;
    let up = here.ancestors().position(|folder| folder.join(NAME).is_file())?;
    Some(std::iter::repeat_n("..", up).collect::<PathBuf>().join(NAME))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_wins_over_the_file() {
        let text = "[rules]\npaths = ['mine', '/other']\ndefault = false\n[scan]\nformat = 'text'\nfail_on = 'high'\n";
        let mut config = Config::read(text, Path::new("/project")).unwrap();
        assert_eq!(config.rules.paths, [Path::new("/project/mine"), Path::new("/other")]);
        config.take(|name| match name {
            "TOCSIN_FORMAT" => Some("csv".to_owned()),
            "TOCSIN_RULES" => Some("here".to_owned()),
            _ => None,
        });
        assert_eq!(config.scan.format.as_deref(), Some("csv"));
        assert_eq!(config.scan.fail_on.as_deref(), Some("high"));
        assert_eq!(config.rules.paths, [Path::new("here")]);
        assert_eq!(config.rules.default, Some(false));
    }

    #[test]
    fn a_mistake_is_said_with_its_line() {
        let said = |text| Config::read(text, Path::new("")).unwrap_err().to_string();
        assert!(said("[rules]\npath = 'x'\n").starts_with("line 2: unknown field `path`"));
        assert!(said("[scan]\n\nfiles = 3\n").starts_with("line 3: "));
    }

    #[test]
    fn the_page_and_the_schema_name_every_key() {
        let page = include_str!("../../../docs/configuration.md");
        let schema: serde_json::Value =
            serde_json::from_str(include_str!("../../../docs/tocsin.schema.json")).unwrap();
        let mut whole = String::new();
        for (table, keys) in schema["properties"].as_object().unwrap() {
            whole += &format!("[{table}]\n");
            for (key, of) in keys["properties"].as_object().unwrap() {
                assert!(
                    page.contains(&format!("`{key}`")),
                    "docs/configuration.md lacks {table}.{key}"
                );
                let value = match of["type"].as_str() {
                    Some("array") => "['x']",
                    Some("boolean") => "true",
                    _ => "'high'",
                };
                whole += &format!("{key} = {value}\n");
            }
        }
        let config = Config::read(&whole, Path::new("/p")).unwrap();
        let said = format!("{config:?}");
        assert!(!said.contains("None") && !said.contains("[]"), "the schema lacks a key: {said}");
    }
}
