//! In: a call. Out: the names of what takes part in it: who acts, what it is aimed at, and all else that it names.
//!
//! The pipeline fills these fields only with the tag `actor_target_mapping`; here they are always filled.
//! A member that should be a text and is none leaves all of them empty, there as here.

use std::collections::BTreeSet;

use super::entity_tables::{NETWORK_IDS, RELATED, SERVICE_TYPES, TARGETS, Take, USER_TYPES};
use super::{Inputs, Visit, made};
use crate::event::capture::Duplicates;
use crate::event::cleaning::says_nothing;
use crate::event::value::Value;
use crate::sort;

pub(super) const PATHS: &[&str] = &[
    "eventName",
    "eventSource",
    "recipientAccountId",
    "resources",
    "userIdentity",
    "requestParameters",
    "responseElements",
    "additionalEventData",
    "sourceIdentity",
];

const EVENT: usize = 0;
const SOURCE: usize = 1;
const ACCOUNT: usize = 2;
const RESOURCES: usize = 3;
const IDENTITY: usize = 4;

/// What paths of the tables begin with, and which of the paths above that is.
const ROOTS: [(&str, usize); 5] =
    [("ui", IDENTITY), ("req", 5), ("res", 6), ("aed", 7), ("sourceIdentity", 8)];

/// How eventSource ends.
const SERVICE: &str = ".amazonaws.com";

/// A member that isn't what it should be.
struct Unfit;

/// The entities of one call.
#[derive(Default)]
struct Entities {
    related: BTreeSet<String>,
    targets: BTreeSet<String>,
    actor: Option<String>,
    /// The actor as a user, of a session the role.
    user: Option<String>,
    identity_type: String,
}

/// Reads a call.
struct Reader<'i, 'a> {
    inputs: &'i dyn Inputs<'a>,
    reading: Duplicates,
    account: Option<String>,
    arns: Vec<String>,
}

type Names = BTreeSet<String>;

impl<'a> Reader<'_, 'a> {
    fn new<'i>(inputs: &'i dyn Inputs<'a>) -> Result<Reader<'i, 'a>, Unfit> {
        let reading = inputs.reading().unwrap_or(Duplicates::Last);
        let mut reader = Reader { inputs, reading, account: None, arns: Vec::new() };
        reader.account = reader.at(ACCOUNT).map(|account| text(&account)).transpose()?.flatten();
        let mut arns = Ok(Vec::new());
        inputs.each(RESOURCES, &mut |resources| {
            resources.elements(&mut |resource| {
                let arn = resource.member_in("ARN", reading).map_or(Ok(None), |arn| text(&arn));
                match (arn, &mut arns) {
                    (Ok(arn), Ok(arns)) => arns.extend(arn),
                    (Err(unfit), _) => arns = Err(unfit),
                    _ => {}
                }
                arns.is_err()
            });
            true
        });
        reader.arns = arns?;
        Ok(reader)
    }

    /// The first value at one of the paths.
    fn at(&self, place: usize) -> Option<Value<'a>> {
        let mut found = None;
        self.inputs.each(place, &mut |value| {
            found = Some(value);
            true
        });
        found
    }

    /// What a path of the tables leads to.
    fn find(&self, path: &str) -> Option<Value<'a>> {
        let (root, rest) = path.split_once('.').unwrap_or((path, ""));
        let (_, place) = ROOTS.iter().find(|(name, _)| *name == root)?;
        let value = self.at(*place)?;
        if rest.is_empty() { Some(value) } else { self.below(&value, rest) }
    }

    fn below(&self, value: &Value<'a>, path: &str) -> Option<Value<'a>> {
        let mut value = value.clone();
        for key in path.split('.') {
            value = value.member_in(key, self.reading).filter(|value| !says_nothing(value))?;
        }
        Some(value)
    }

    /// Adds what the table takes of the call.
    fn take(&self, all: &[Take], names: &mut Names) -> Result<(), Unfit> {
        for take in all {
            match take {
                Take::Text(path) => names.extend(self.text(path)?),
                Take::Number(path) => {
                    names.extend(
                        self.find(path).and_then(|number| Some(number.text()?.into_owned())),
                    );
                }
                Take::Batch(path) => {
                    self.batch(self.find(path), names)?;
                }
                Take::Each(path, members) => self.each(self.find(path), members, names)?,
                Take::BatchEach(path, members, inner) => {
                    self.batch_each(self.find(path), members, inner, names)?;
                }
                Take::Account => names.extend(self.account.clone()),
                Take::Resources => names.extend(self.arns.iter().cloned()),
                Take::CommandTargets => self.command_targets(names)?,
            }
        }
        Ok(())
    }

    fn text(&self, path: &str) -> Result<Option<String>, Unfit> {
        self.find(path).map_or(Ok(None), |value| text(&value))
    }

    /// The elements of a list, up to the first that is no new text.
    fn batch(&self, list: Option<Value<'a>>, names: &mut Names) -> Result<bool, Unfit> {
        let mut any = false;
        for element in elements(list)? {
            match text(&element)? {
                Some(name) if names.insert(name.clone()) => any = true,
                _ => break,
            }
        }
        Ok(any)
    }

    /// Members of each object of a list; without members the list's own texts.
    fn each(
        &self,
        list: Option<Value<'a>>,
        members: &[&str],
        names: &mut Names,
    ) -> Result<(), Unfit> {
        for element in elements(list)? {
            if members.is_empty() {
                names.extend(text(&element)?);
            }
            for member in members {
                if let Some(value) = self.below(&element, member) {
                    names.extend(text(&value)?);
                }
            }
        }
        Ok(())
    }

    fn batch_each(
        &self,
        list: Option<Value<'a>>,
        members: &[&str],
        inner: &[Take],
        names: &mut Names,
    ) -> Result<(), Unfit> {
        for element in elements(list)? {
            for member in members {
                match self.below(&element, member).map_or(Ok(None), |value| text(&value))? {
                    Some(name) if names.insert(name.clone()) => {}
                    _ => break,
                }
            }
            // As deep as the table, which nests twice.
            for take in inner {
                match take {
                    Take::Each(path, members) => {
                        self.each(self.below(&element, path), members, names)?;
                    }
                    Take::BatchEach(path, members, inner) => {
                        self.batch_each(self.below(&element, path), members, inner, names)?;
                    }
                    _ => {}
                }
            }
        }
        Ok(())
    }

    /// Instances by their ids, else the values of targets; `*` means the account.
    fn command_targets(&self, names: &mut Names) -> Result<(), Unfit> {
        if self.batch(self.find("req.instanceIds"), names)? {
            return Ok(());
        }
        let mut values = Names::new();
        for target in elements(self.find("req.targets"))? {
            self.batch(self.below(&target, "values"), &mut values)?;
        }
        if values.len() == 1 && values.contains("*") {
            names.extend(self.account.clone());
        } else {
            names.append(&mut values);
        }
        Ok(())
    }

    fn actor(&self, service: &str, event: &str, kind: &str) -> Result<Option<String>, Unfit> {
        let own = match (service, event, kind) {
            ("sts", "AssumeRole", "AWSService") => return self.text("ui.invokedBy"),
            ("sts", "AssumeRole", "AssumedRole") => {
                return self.text("ui.sessionContext.sessionIssuer.arn");
            }
            ("sts", "AssumeRole" | "GetCallerIdentity", _) => return self.text("ui.arn"),
            _ => self.text("ui.arn")?,
        };
        match own {
            Some(arn) => Ok(Some(arn)),
            None => self.text("ui.onBehalfOf.userId"),
        }
    }
}

/// The text that a value is; nothing if it says nothing.
fn text(value: &Value<'_>) -> Result<Option<String>, Unfit> {
    match value {
        value if says_nothing(value) => Ok(None),
        Value::Text(text) => Ok(Some(text.decode().into_owned())),
        _ => Err(Unfit),
    }
}

/// The elements of a list that say something; an object stands for a list of itself.
fn elements(list: Option<Value<'_>>) -> Result<Vec<Value<'_>>, Unfit> {
    let mut found = Vec::new();
    match list {
        None => {}
        Some(array @ Value::Array(_)) => array.elements(&mut |element| {
            if !says_nothing(&element) {
                found.push(element);
            }
            false
        }),
        Some(object @ Value::Object(_)) => found.push(object),
        Some(_) => return Err(Unfit),
    }
    Ok(found)
}

fn entities(inputs: &dyn Inputs<'_>) -> Option<Entities> {
    if !inputs.has(EVENT) {
        return None;
    }
    read(inputs).ok()
}

fn read(inputs: &dyn Inputs<'_>) -> Result<Entities, Unfit> {
    let reader = Reader::new(inputs)?;
    let word = |place| reader.at(place).map_or(Ok(None), |value| text(&value));
    let (event, source) = (word(EVENT)?.unwrap_or_default(), word(SOURCE)?.unwrap_or_default());
    let service = source.strip_suffix(SERVICE).unwrap_or_default();
    let mut found = Entities {
        identity_type: reader.text("ui.type")?.unwrap_or_default(),
        ..Entities::default()
    };
    let aimed = TARGETS.iter().find(|(known, calls, _)| *known == service && calls.hold(&event));
    if let Some((_, _, takes)) = aimed {
        reader.take(takes, &mut found.targets)?;
    }
    let issuer = reader.text("ui.sessionContext.sessionIssuer.arn")?;
    let related = &mut found.related;
    for path in
        ["ui.accessKeyId", "ui.arn", "ui.userName", "ui.sessionContext.sessionIssuer.userName"]
    {
        related.extend(reader.text(path)?);
    }
    related.extend(issuer.clone());
    if found.identity_type == "IdentityCenterUser" {
        related.extend(reader.text("ui.onBehalfOf.identityStoreArn")?);
    }
    related.extend(reader.arns.iter().cloned());
    related.extend(found.targets.iter().cloned());
    if let Some((_, takes)) = RELATED.iter().find(|(known, _)| *known == service) {
        reader.take(takes, related)?;
    }
    found.actor = reader.actor(service, &event, &found.identity_type)?;
    found.user = match (&found.actor, found.identity_type.as_str(), issuer) {
        (Some(_), "AssumedRole", Some(issuer)) => Some(issuer),
        (actor, _, _) => actor.clone(),
    };
    Ok(found)
}

/// Where a name belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum EntityType {
    Service,
    User,
    Host,
    Other,
}

/// The type of an ARN: what stands in its sixth part, up to the first `/`.
fn arn_type(name: &str) -> Option<&str> {
    let sixth = name.strip_prefix("arn:")?.split(':').nth(4)?;
    Some(sixth.split_once('/').map_or(sixth, |(kind, _)| kind))
}

fn is_service_role(name: &str) -> bool {
    name.contains("/AWSServiceRoleFor") || name.contains("/aws-service-role/")
}

/// Where a target belongs.
fn place_of_target(name: &str) -> EntityType {
    if let Some(kind) = arn_type(name) {
        if is_service_role(name) {
            return EntityType::Service;
        }
        let of_s3 = name.split(':').nth(2) == Some("s3");
        return match kind {
            kind if USER_TYPES.contains(&kind) => EntityType::User,
            "instance" => EntityType::Host,
            kind if of_s3 || SERVICE_TYPES.contains(&kind) => EntityType::Service,
            _ => EntityType::Other,
        };
    }
    if NETWORK_IDS.iter().any(|begin| name.starts_with(begin)) {
        EntityType::Service
    } else if name.starts_with("AKIA") && name.chars().count() == 20 {
        EntityType::User
    } else if name.starts_with("i-") {
        EntityType::Host
    } else {
        EntityType::Other
    }
}

impl Entities {
    /// Where the actor belongs.
    fn place_of_actor(&self, actor: &str) -> EntityType {
        let kind = arn_type(actor);
        let is_user =
            |kind: &str| matches!(kind, "user" | "role" | "assumed-role" | "federated-user");
        match self.identity_type.as_str() {
            "AWSService" => EntityType::Service,
            _ if is_service_role(actor) => EntityType::Service,
            "IAMUser" | "Root" | "AssumedRole" => EntityType::User,
            _ if kind.is_some_and(is_user) => EntityType::User,
            _ if kind == Some("instance") || actor.starts_with("i-") => EntityType::Host,
            _ => EntityType::Other,
        }
    }
}

/// Gives names in the order of their UTF-16 units, as Java sorts them.
fn sorted<'a>(names: impl Iterator<Item = String>, visit: Visit<'_, 'a>) -> bool {
    let mut names: Vec<String> = names.collect();
    if !names.iter().all(|name| name.is_ascii()) {
        sort::sort_by_key(&mut names, |name| name.encode_utf16().collect::<Vec<_>>());
    }
    names.into_iter().any(|name| visit(made(name)))
}

pub(super) fn related<'a>(inputs: &dyn Inputs<'a>, visit: Visit<'_, 'a>) -> bool {
    entities(inputs).is_some_and(|found| sorted(found.related.into_iter(), visit))
}

pub(super) fn targets<'a>(inputs: &dyn Inputs<'a>, visit: Visit<'_, 'a>) -> bool {
    entities(inputs).is_some_and(|found| sorted(found.targets.into_iter(), visit))
}

fn targets_at<'a>(inputs: &dyn Inputs<'a>, place: EntityType, visit: Visit<'_, 'a>) -> bool {
    entities(inputs).is_some_and(|found| {
        sorted(found.targets.into_iter().filter(|name| place_of_target(name) == place), visit)
    })
}

pub(super) fn target_services<'a>(inputs: &dyn Inputs<'a>, visit: Visit<'_, 'a>) -> bool {
    targets_at(inputs, EntityType::Service, visit)
}

pub(super) fn target_users<'a>(inputs: &dyn Inputs<'a>, visit: Visit<'_, 'a>) -> bool {
    targets_at(inputs, EntityType::User, visit)
}

pub(super) fn target_hosts<'a>(inputs: &dyn Inputs<'a>, visit: Visit<'_, 'a>) -> bool {
    targets_at(inputs, EntityType::Host, visit)
}

pub(super) fn other_targets<'a>(inputs: &dyn Inputs<'a>, visit: Visit<'_, 'a>) -> bool {
    targets_at(inputs, EntityType::Other, visit)
}

/// The ids of instances among the targets.
pub(super) fn target_instances<'a>(inputs: &dyn Inputs<'a>, visit: Visit<'_, 'a>) -> bool {
    entities(inputs).is_some_and(|found| {
        let hosts =
            found.targets.into_iter().filter(|name| place_of_target(name) == EntityType::Host);
        let ids: BTreeSet<String> = hosts
            .filter_map(|name| match name.starts_with("i-") {
                true => Some(name),
                false if name.split(':').nth(2) == Some("ec2") => {
                    name.split_once(":instance/").map(|(_, id)| id.to_owned())
                }
                false => None,
            })
            .collect();
        sorted(ids.into_iter(), visit)
    })
}

pub(super) fn actor<'a>(inputs: &dyn Inputs<'a>, visit: Visit<'_, 'a>) -> bool {
    entities(inputs).and_then(|found| found.actor).is_some_and(|actor| visit(made(actor)))
}

fn actor_at<'a>(inputs: &dyn Inputs<'a>, place: EntityType, visit: Visit<'_, 'a>) -> bool {
    entities(inputs).is_some_and(|found| {
        let Some(actor) = &found.actor else { return false };
        let here = found.place_of_actor(actor) == place;
        let shown = if place == EntityType::User { found.user.as_ref() } else { Some(actor) };
        here && shown.is_some_and(|name| visit(made(name.clone())))
    })
}

pub(super) fn actor_service<'a>(inputs: &dyn Inputs<'a>, visit: Visit<'_, 'a>) -> bool {
    actor_at(inputs, EntityType::Service, visit)
}

pub(super) fn actor_user<'a>(inputs: &dyn Inputs<'a>, visit: Visit<'_, 'a>) -> bool {
    actor_at(inputs, EntityType::User, visit)
}

pub(super) fn actor_host<'a>(inputs: &dyn Inputs<'a>, visit: Visit<'_, 'a>) -> bool {
    actor_at(inputs, EntityType::Host, visit)
}

pub(super) fn other_actor<'a>(inputs: &dyn Inputs<'a>, visit: Visit<'_, 'a>) -> bool {
    actor_at(inputs, EntityType::Other, visit)
}
