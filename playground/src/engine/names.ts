// Names of files that belong together.

/** What a file of tests beside a rule is called (docs/rules.md). */
export function testsName(rule: string): string {
    return `${rule.replace(/\.(toml|ya?ml)$/i, "")}.tests.toml`;
}
