//! A file in, a configuration that can be run out, or every mistake in it.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use toml::Spanned;

use super::{Config, File, Outlet, Sender, SenderTable, Tenant, TenantTable};
use crate::outlets::{Network, Target};
use crate::tenants::{Fingerprint, Tokens};

/// Tokens of a tenant that are valid at once: the one in use, and the next.
const MOST_TOKENS: usize = 2;

/// Something wrong with the configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The file.
    pub file: PathBuf,
    /// Where in it, from 1; nothing if it isn't about a place.
    pub place: Option<(usize, usize)>,
    /// What is wrong, and what to do.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.place {
            Some((line, column)) => {
                write!(f, "{}:{line}:{column}: {}", self.file.display(), self.message)
            }
            None => write!(f, "{}: {}", self.file.display(), self.message),
        }
    }
}

/// Reads and checks a configuration.
///
/// # Errors
/// Every problem that was found.
pub fn load(path: &Path) -> Result<Config, Vec<Problem>> {
    let problem = |message: String| vec![Problem { file: path.to_owned(), place: None, message }];
    let text = std::fs::read_to_string(path).map_err(|error| problem(error.to_string()))?;
    let folder = match path.parent() {
        Some(parent) if parent != Path::new("") => parent.to_owned(),
        _ => PathBuf::from("."),
    };
    let mut checks = Checks { file: path, text: &text, problems: Vec::new(), missing: Vec::new() };
    let file: File = match toml::from_str(&text) {
        Ok(file) => file,
        Err(error) => {
            checks.add(error.span().unwrap_or(0..0), error.message().trim().to_owned());
            return Err(checks.problems);
        }
    };
    let mut config = checks.config(file, folder);
    config.missing = checks.missing;
    if checks.problems.is_empty() { Ok(config) } else { Err(checks.problems) }
}

struct Checks<'t> {
    file: &'t Path,
    text: &'t str,
    problems: Vec<Problem>,
    missing: Vec<Problem>,
}

impl Checks<'_> {
    fn add(&mut self, at: Range<usize>, message: String) {
        let problem = self.problem(at, message);
        self.problems.push(problem);
    }

    fn problem(&self, at: Range<usize>, message: String) -> Problem {
        let before = self.text.get(..at.start).unwrap_or_default();
        let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
        let begin = before.rfind('\n').map_or(0, |end| end + 1);
        let column = before.get(begin..).unwrap_or_default().chars().count() + 1;
        Problem { file: self.file.to_owned(), place: Some((line, column)), message }
    }

    fn config(&mut self, file: File, folder: PathBuf) -> Config {
        let mut allow = Vec::new();
        for network in &file.outbound.allow {
            match Network::parse(network.get_ref()) {
                Some(network) => allow.push(network),
                None => self.add(
                    network.span(),
                    format!("`{}` is no network; write one as 10.1.0.0/16", network.get_ref()),
                ),
            }
        }
        let mut server = file.server;
        server.state = folder.join(&server.state);
        server.admin = server.state.join(&server.admin);
        if let Some(tls) = &mut server.tls {
            tls.certificate = folder.join(&tls.certificate);
            tls.key = folder.join(&tls.key);
        } else if !server.listen.ip().is_loopback() {
            let at = self.text.find("listen").unwrap_or(0);
            self.add(
                at..at,
                "tokens would travel in the clear beyond this machine: give [server] a `tls`, or listen on \
                 127.0.0.1 behind a proxy that has it"
                    .to_owned(),
            );
        }
        let in_flight = server.in_flight.0;
        let mut tenants = BTreeMap::new();
        let mut tokens = Tokens::default();
        if file.tenants.is_empty() {
            self.add(
                0..0,
                "there is no tenant: add a table [tenants.NAME] with its tokens".to_owned(),
            );
        }
        for (name, table) in file.tenants {
            if !is_name(name.get_ref()) {
                self.add(
                    name.span(),
                    format!("`{}` is no name: a-z, 0-9 and -, at most 63 of them", name.get_ref()),
                );
                continue;
            }
            let at = table.span();
            let name: Arc<str> = Arc::from(name.get_ref().as_str());
            let tenant = self.tenant(&name, table.into_inner(), at.clone(), &folder, &mut tokens);
            if tenant.limits.body.0 > in_flight / 2 {
                self.add(
                    at,
                    "a body as large as the tenant's limit `body` would never fit: a tenant holds at most half \
                     of [server]'s `in_flight`"
                        .to_owned(),
                );
            }
            tenants.insert(name, tenant);
        }
        let mut senders = BTreeMap::new();
        for (name, table) in file.senders {
            if !is_name(name.get_ref()) {
                self.add(name.span(), "a sender's name is a-z, 0-9 and -".to_owned());
                continue;
            }
            // As no tenant can be called.
            let full: Arc<str> = format!("sender/{}", name.get_ref()).into();
            let sender = self.sender(&full, table, &tenants, &mut tokens);
            senders.insert(full, sender);
        }
        Config { server, allow, tenants, senders, folder, missing: Vec::new() }
    }

    fn sender(
        &mut self,
        name: &Arc<str>,
        table: Spanned<SenderTable>,
        known: &BTreeMap<Arc<str>, Tenant>,
        tokens: &mut Tokens,
    ) -> Sender {
        let at = table.span();
        let table = table.into_inner();
        let tokens = self.tokens(name, &table.tokens, at, tokens);
        if table.field.get_ref().split('.').any(str::is_empty) {
            let message = "a field is its keys with dots between, such as userIdentity.accountId";
            self.add(table.field.span(), message.to_owned());
        }
        let mut tenants = BTreeMap::new();
        for (value, tenant) in table.tenants {
            match known.get_key_value(tenant.get_ref().as_str()) {
                Some((tenant, _)) => drop(tenants.insert(value, Arc::clone(tenant))),
                None => {
                    self.add(tenant.span(), format!("there is no tenant `{}`", tenant.get_ref()));
                }
            }
        }
        Sender { tokens, field: table.field.into_inner(), tenants, limits: table.limits }
    }

    /// The tokens of a tenant or sender.
    fn tokens(
        &mut self,
        name: &Arc<str>,
        written: &[Spanned<String>],
        at: Range<usize>,
        known: &mut Tokens,
    ) -> Vec<Fingerprint> {
        let mut tokens = Vec::new();
        for token in written {
            match Fingerprint::parse(token.get_ref()) {
                Some(fingerprint) if known.insert(fingerprint, Arc::clone(name)) => {
                    tokens.push(fingerprint)
                }
                Some(_) => self.add(token.span(), "another tenant has this token".to_owned()),
                None => self.add(
                    token.span(),
                    "a token stands here by its fingerprint, `sha256:` and 64 hex digits; \
                     `tocsin serve token` makes one"
                        .to_owned(),
                ),
            }
        }
        if tokens.len() > MOST_TOKENS {
            self.add(
                at,
                format!("{} tokens; at most {MOST_TOKENS} are valid at once", tokens.len()),
            );
        }
        tokens
    }

    fn tenant(
        &mut self,
        name: &Arc<str>,
        table: TenantTable,
        at: Range<usize>,
        folder: &Path,
        known: &mut Tokens,
    ) -> Tenant {
        let tokens = self.tokens(name, &table.tokens, at, known);
        let own = folder.join("tenants").join(&**name);
        let rules = table.rules.iter().filter_map(|path| self.inside(&own, path)).collect();
        let mut outlets = BTreeMap::new();
        for (outlet_name, outlet) in table.outlets {
            if is_name(outlet_name.get_ref()) {
                self.outlet(&outlet, folder);
                outlets.insert(outlet_name.into_inner(), outlet.into_inner());
            } else {
                self.add(outlet_name.span(), "an outlet's name is a-z, 0-9 and -".to_owned());
            }
        }
        Tenant {
            tokens,
            builtin_rules: table.builtin_rules,
            rules,
            folder: Some(own),
            module: table.module.map(|path| folder.join(path.into_inner())),
            weight: table.weight.clamp(1, 1000),
            labels: table.labels,
            limits: table.limits,
            outlets,
        }
    }

    /// A path of a tenant's. What can't be read there concerns that tenant alone: a tenant that may
    /// change its files must not keep others from a start. They are checked again when they are read.
    fn inside(&mut self, own: &Path, path: &Spanned<PathBuf>) -> Option<PathBuf> {
        let given = path.get_ref();
        if !is_below(given) {
            self.add(
                path.span(),
                format!("`{}` lies outside of {}", given.display(), own.display()),
            );
            return None;
        }
        let joined = own.join(given);
        match (joined.canonicalize(), own.canonicalize()) {
            (Ok(found), Ok(own)) if found.starts_with(&own) => Some(joined),
            (Ok(_), Ok(own)) => {
                let message = format!("`{}` leads outside of {}", given.display(), own.display());
                self.missing.push(self.problem(path.span(), message));
                Some(joined)
            }
            (Err(error), _) | (_, Err(error)) => {
                let message = format!("{}: {error}", joined.display());
                self.missing.push(self.problem(path.span(), message));
                Some(joined)
            }
        }
    }

    fn outlet(&mut self, outlet: &Spanned<Outlet>, folder: &Path) {
        let (url, secret) = match outlet.get_ref() {
            Outlet::File { path, .. } => {
                if !is_below(path) {
                    let message =
                        format!("`{}` lies outside of the tenant's folder", path.display());
                    self.add(outlet.span(), message);
                }
                return;
            }
            Outlet::Stdout {} => return,
            Outlet::Webhook { url, secret } => (url, secret),
            Outlet::Bulk { url, authorization, .. } | Outlet::Otlp { url, authorization } => {
                (url, authorization)
            }
        };
        if let Err(reason) = Target::parse(url) {
            self.add(outlet.span(), format!("the url can't be used: {reason}"));
        }
        if let Some(Err(reason)) = secret.as_ref().map(|secret| secret.read(folder)) {
            self.add(outlet.span(), format!("the secret can't be read: {reason}"));
        }
    }
}

/// Whether a path stays below the folder that it is joined to, judged by its text alone.
pub fn is_below(path: &Path) -> bool {
    path.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir))
        && path.components().any(|part| matches!(part, Component::Normal(_) | Component::CurDir))
}

/// Names stand in paths, metrics and the store.
fn is_name(text: &str) -> bool {
    (1..64).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        && !text.starts_with('-')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(text: &str) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join("tenants/a/rules")).unwrap();
        #[cfg(unix)]
        std::os::unix::fs::symlink("/", folder.path().join("tenants/a/out")).unwrap();
        let path = folder.path().join("serve.toml");
        std::fs::write(&path, text).unwrap();
        let name = |problem: Problem| {
            let place = problem.place.map(|(line, column)| format!("{line}:{column}: "));
            format!("{}{}", place.unwrap_or_default(), problem.message)
        };
        let found = load(&path);
        let missing = found.as_ref().map(|config| config.missing.clone()).unwrap_or_default();
        found.err().unwrap_or_default().into_iter().chain(missing).map(name).collect()
    }

    #[test]
    fn a_sound_file_has_no_problems() {
        let text = format!(
            "[server]\nlisten = \"127.0.0.1:0\"\nin_flight = \"1G\"\n[outbound]\nallow = [\"10.0.0.0/8\", \"::1\"]\n\
             [tenants.a]\ntokens = [\"sha256:{0}1\", \"sha256:{0}2\"]\nrules = [\"rules\"]\n\
             labels = {{ team = \"x\" }}\n[tenants.a.limits]\nsteps = 5\n\
             [tenants.a.outlets.main]\ntype = \"file\"\npath = \"alerts.ndjson\"\n",
            "0".repeat(63)
        );
        assert_eq!(problems(&text), Vec::<String>::new());
    }

    #[test]
    fn each_mistake_has_its_line_and_column() {
        let token = format!("sha256:{}", "0".repeat(64));
        for (text, expected) in [
            ("[server]\nlisten = 7\n", "2:10: "),
            ("[server]\nlistn = \"127.0.0.1:1\"\n", "2:1: unknown field `listn`"),
            (
                "[server]\nlisten = \"0.0.0.0:1\"\n[tenants.a]\n",
                "2:1: tokens would travel in the clear",
            ),
            ("", "1:1: there is no tenant"),
            (
                "[tenants.a]\n[senders.s]\nfield = \"x..y\"\ntenants = { \"1\" = \"a\", \"2\" = \"b\" }\n",
                "3:9: a field is its keys",
            ),
            (
                "[tenants.a]\n[senders.s]\nfield = \"x\"\ntenants = { \"1\" = \"a\", \"2\" = \"b\" }\n",
                "4:30: there is no tenant `b`",
            ),
            (
                "[server]\nin_flight = \"100M\"\n[tenants.a]\n",
                "3:1: a body as large as the tenant's limit",
            ),
            ("[tenants.A]\n", "1:10: `A` is no name"),
            (
                "[tenants.a]\ntokens = [\"secret\"]\n",
                "2:11: a token stands here by its fingerprint",
            ),
            ("[tenants.a]\nrules = [\"../b\"]\n", "2:10: `../b` lies outside"),
            ("[tenants.a]\nrules = [\"/etc\"]\n", "2:10: `/etc` lies outside"),
            ("[tenants.a]\nrules = [\"out/etc\"]\n", "2:10: `out/etc` leads outside"),
            ("[tenants.a]\nrules = [\"none\"]\n", "2:10: "),
            (
                "[outbound]\nallow = [\"10.0.0.0/99\"]\n[tenants.a]\n",
                "2:10: `10.0.0.0/99` is no network",
            ),
            (
                "[tenants.a.outlets.f]\ntype = \"file\"\npath = \"../x\"\n",
                "1:1: `../x` lies outside",
            ),
            (
                "[tenants.a.outlets.f]\ntype = \"webhook\"\nurl = \"ftp://x\"\n",
                "1:1: the url can't be used",
            ),
            (
                "[tenants.a.outlets.f]\ntype = \"webhook\"\nurl = \"https://x/\"\nsecret = { env = \"NOT_THERE\" }\n",
                "1:1: the secret can't be read: the environment has no NOT_THERE",
            ),
            (
                &format!(
                    "[tenants.a]\ntokens = [\"{token}\"]\n[tenants.b]\ntokens = [\"{token}\"]\n"
                ),
                "4:11: another tenant has this token",
            ),
        ] {
            let found = problems(text);
            assert!(found.iter().any(|found| found.starts_with(expected)), "{text}\n{found:?}");
        }
    }
}
