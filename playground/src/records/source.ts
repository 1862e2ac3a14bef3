// The one place of the page that knows a log source's names: whom and where a record is about, for counting. Raw
// CloudTrail records and records in ECS.

export interface About {
    user: string;
    account: string;
    region: string;
    address: string;
    action: string;
}

const PATHS: Record<keyof About, string[]> = {
    user: ["userIdentity.userName", "userIdentity.sessionContext.sessionIssuer.userName", "userIdentity.arn", "userIdentity.invokedBy", "userIdentity.type", "user.name", "aws.cloudtrail.user_identity.arn"],
    account: ["recipientAccountId", "userIdentity.accountId", "cloud.account.id"],
    region: ["awsRegion", "cloud.region"],
    address: ["sourceIPAddress", "source.address", "source.ip"],
    action: ["eventName", "event.action"],
};

export const DIMENSIONS = ["user", "account", "region", "address"] as const;

export function about(record: unknown): About {
    const found = {} as About;
    for (const [name, paths] of Object.entries(PATHS) as [keyof About, string[]][]) {
        found[name] = paths.map((path) => valueAt(record, path)).find((value) => value !== undefined) ?? "";
    }
    return found;
}

/** The text at a path, of which the keys may be nested or joined by dots. */
function valueAt(record: unknown, path: string): string | undefined {
    if (typeof record !== "object" || record === null) return undefined;
    const object = record as Record<string, unknown>;
    const whole = Object.hasOwn(object, path) ? object[path] : undefined;
    if (typeof whole === "string" || typeof whole === "number") return String(whole);
    for (let dot = path.indexOf("."); dot > 0; dot = path.indexOf(".", dot + 1)) {
        const head = path.slice(0, dot);
        const found = Object.hasOwn(object, head) ? valueAt(object[head], path.slice(dot + 1)) : undefined;
        if (found !== undefined) return found;
    }
    return undefined;
}
