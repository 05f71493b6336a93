/**
 * Fifty decisions, each amended later in other words, with a task that has words of the first; and lessons
 * about one subject that do not contradict each other. Made by hand, for no parameter in the code.
 *
 * @module
 */

export interface Pair {
  task: string;
  older: string;
  newer: string;
}

const pair = (task: string, older: string, newer: string): Pair => ({ task, older, newer });

export const PAIRS: readonly Pair[] = [
  pair(
    "Deploy the billing service to production",
    "Deploy services with kubectl apply from your own machine.",
    "Services are deployed by Argo CD now; nobody runs kubectl against production.",
  ),
  pair(
    "Install the dependencies of the web client",
    "Install dependencies with npm install.",
    "The web client moved to pnpm: dependencies come from pnpm install --frozen-lockfile.",
  ),
  pair(
    "Connect to the staging database",
    "The staging database listens on port 5432.",
    "Since the migration the staging database is reached on port 6432, through pgbouncer.",
  ),
  pair(
    "Refund an order that was paid with a gift card",
    "Refunds of gift card orders go to the original gift card.",
    "Gift card refunds are paid out as store credit, the old card is closed.",
  ),
  pair(
    "Change the flight of a basic economy passenger",
    "Basic economy flights cannot be changed at all.",
    "Basic economy passengers may change a flight once within 24 hours of booking.",
  ),
  pair(
    "Write a unit test for the price calculator",
    "Unit tests are written with Jest.",
    "New unit tests use vitest, Jest is being removed.",
  ),
  pair(
    "Fix the flaky login test",
    "Retry flaky tests three times before you report them.",
    "Flaky tests are quarantined at once, never retried.",
  ),
  pair(
    "Release a new version of the library",
    "Release versions are tagged by hand after the merge.",
    "semantic-release tags every version, do not tag a release yourself.",
  ),
  pair(
    "Change the schema: a column for the customers table",
    "Schema changes go straight into schema.sql.",
    "A schema change of a table needs a migration file, schema.sql is generated.",
  ),
  pair(
    "Cancel a subscription at the customer's request",
    "A subscription is cancelled at the end of the month.",
    "Cancelling a subscription takes effect immediately and refunds the rest.",
  ),
  pair(
    "Log in to the artifact registry",
    "The registry login uses the shared robot account.",
    "Everyone logs in to the registry with their own token, the robot account is gone.",
  ),
  pair(
    "Format the TypeScript sources",
    "Sources are formatted with prettier.",
    "Formatting of TypeScript sources is done by oxfmt instead.",
  ),
  pair(
    "Send the monthly invoice to a customer in Germany",
    "Invoices to German customers carry 16 % VAT.",
    "VAT on German invoices is 19 % again.",
  ),
  pair(
    "Review a pull request of a new colleague",
    "One approval is enough to merge a pull request.",
    "Pull requests are merged only after two approvals.",
  ),
  pair(
    "Store an uploaded profile picture",
    "Uploaded pictures are stored on the local disk under /var/uploads.",
    "Pictures belong into object storage; the upload directory is read-only.",
  ),
  pair(
    "Roll back a failed deployment",
    "Roll back by redeploying the previous tag.",
    "A failed deployment is rolled back with the flag of the feature, not by a redeploy.",
  ),
  pair(
    "Rotate the API key of the payment provider",
    "API keys live in the .env file of the server.",
    "The payment provider's key is kept in Vault, .env has no secrets any more.",
  ),
  pair(
    "Get the changelog written for a bug fix, before the release",
    "The changelog is written when a release is cut.",
    "Every pull request adds its own changelog fragment under changes/.",
  ),
  pair(
    "Exchange a damaged keyboard for the same model",
    "Exchanges of damaged items need a photo.",
    "No photo is asked for when a damaged item is exchanged for the same model.",
  ),
  pair(
    "Debug a memory leak in the worker",
    "Take heap snapshots with --inspect on the live worker.",
    "Never inspect the live worker; reproduce the leak on the canary and take the snapshot there.",
  ),
  pair(
    "Translate the help page into French",
    "Translations are edited in the JSON files by hand.",
    "French and all other translations come from Weblate, edits of the JSON files are overwritten.",
  ),
  pair(
    "Book two nights in a hotel that takes pets",
    "Pets cost 20 euros a night in every hotel.",
    "The pet fee depends on the hotel: look it up, it is 20 to 60 euros a night.",
  ),
  pair(
    "Query the number of active users",
    "Active users are those with a login in the last 30 days.",
    "A user counts as active after an event in the last 7 days.",
  ),
  pair(
    "Set the timeout of requests to the search service",
    "The timeout for search requests is 30 seconds.",
    "Requests to search time out after 2 seconds, callers must degrade.",
  ),
  pair(
    "Announce an incident: the mail gateway is down",
    "Incidents are announced in the channel #ops.",
    "Announce an incident through PagerDuty; #ops is archived.",
  ),
  pair(
    "Build the container image of the API",
    "Images are built with docker build on the CI runner.",
    "The CI builds images with Kaniko, docker is not available on runners.",
  ),
  pair(
    "Sum last year's sales of all orders",
    "Sales are summed from the table orders.",
    "For sales use the view sales_net, the table orders counts returned goods too.",
  ),
  pair(
    "Ship a parcel to Switzerland",
    "Parcels to Switzerland go with DHL Express.",
    "Swiss Post takes parcels to Switzerland now, DHL returns them at customs.",
  ),
  pair(
    "Run the end to end tests locally",
    "End to end tests need the staging environment.",
    "Run end to end tests against docker compose, staging is blocked for them.",
  ),
  pair(
    "Reset a customer's password",
    "Support may set a new password for a customer.",
    "Passwords are reset by the customer alone, support only sends the link.",
  ),
  pair(
    "Upgrade Node.js in the build pipeline",
    "The pipeline pins Node.js 18.",
    "Node.js 22 is what the build pipeline runs on.",
  ),
  pair(
    "Report a security vulnerability in a dependency",
    "Vulnerabilities are filed as public issues.",
    "A vulnerability goes to security@ by mail, never into an issue.",
  ),
  pair(
    "Compress the nightly backup",
    "Backups are compressed with gzip -9.",
    "zstd compresses the nightly backup, gzip took too long.",
  ),
  pair(
    "Change the delivery address of a pending order",
    "The address of a pending order can be changed until it is shipped.",
    "Once an order is packed its delivery address is fixed, even if it is pending.",
  ),
  pair(
    "Parse the CSV export of the bank",
    "The bank's CSV is encoded in ISO 8859-1.",
    "CSV files of the bank are UTF-8 with a byte order mark since May.",
  ),
  pair(
    "Authenticate the mobile app against the API",
    "The mobile app authenticates with basic auth.",
    "OAuth with PKCE authenticates the mobile app, basic auth is switched off.",
  ),
  pair(
    "Create a new branch for a hotfix",
    "Hotfix branches start from develop.",
    "A branch for a hotfix starts at the production tag; develop is gone.",
  ),
  pair(
    "Archive old log files",
    "Log files are kept for 90 days.",
    "We keep log files 14 days only, older ones go to cold storage.",
  ),
  pair(
    "Upgrade a passenger to business class",
    "Upgrades to business class cost 150 a segment.",
    "Business class upgrades are priced by distance, ask the fare tool.",
  ),
  pair(
    "Seed the local development database",
    "Seed the database with make seed.",
    "The development database is restored from the nightly dump, make seed is broken.",
  ),
  pair(
    "Configure the linter for the new package",
    "Each package has its own eslint configuration.",
    "One linter configuration at the root serves every package.",
  ),
  pair(
    "Grant a contractor access to the repository",
    "Contractors get read access to the repository on request.",
    "Repository access of contractors is approved by legal first.",
  ),
  pair(
    "Schedule the weekly report job",
    "Jobs are scheduled by cron on the batch host.",
    "The weekly job runs in Airflow; the batch host has been shut down.",
  ),
  pair(
    "Handle a rate limit error of the geocoding API",
    "On a rate limit error wait one second and repeat the geocoding call.",
    "Geocoding honours Retry-After: on a rate limit wait as long as it says.",
  ),
  pair(
    "Validate the e-mail address of a new account",
    "E-mail addresses are validated with a regular expression.",
    "An address of a new account is validated by a confirmation mail alone.",
  ),
  pair(
    "The build fails for want of coverage",
    "Coverage below 80 % fails the build.",
    "Coverage is reported and fails no build any longer.",
  ),
  pair(
    "Return a laptop bought five weeks ago",
    "Laptops can be returned within 14 days.",
    "The return window for a laptop bought this season is 60 days.",
  ),
  pair(
    "Update the terms of service page",
    "Text on the terms page is changed by marketing.",
    "Legal owns the terms of service, its page is changed by them.",
  ),
  pair(
    "Cache the product catalogue",
    "The catalogue is cached in Redis for an hour.",
    "The catalogue cache lives in the CDN and is purged on publish, Redis has none of it.",
  ),
  pair(
    "Import users from the old system",
    "Users of the old system are imported with their passwords.",
    "Imported users start without a password and get an invitation.",
  ),
];

/** Lessons of one subject that both hold. */
export const BOTH_HOLD: readonly Pair[] = [
  pair(
    "Run the integration tests",
    "Start the database before you run the integration tests.",
    "Integration tests write their logs to build/logs.",
  ),
  pair(
    "Cancel a reservation",
    "Ask for the reservation number first.",
    "Tell the user the fee of a cancelled reservation.",
  ),
  pair(
    "Write a migration",
    "A migration has a version number.",
    "Test the migration on a copy of production.",
  ),
  pair(
    "Book a flight",
    "Flights are listed by search_direct_flight.",
    "Passengers under 15 need a guardian on the flight.",
  ),
  pair(
    "Query the sales table",
    "The sales table is partitioned by month.",
    "Amounts in the sales table are in cents.",
  ),
  pair(
    "Fix a lint error",
    "Lint errors name the rule in brackets.",
    "npm run lint -- --fix mends most of them.",
  ),
  pair(
    "Deploy the worker",
    "wrangler deploy needs CLOUDFLARE_API_TOKEN.",
    "Watch the error rate for ten minutes after a deploy of the worker.",
  ),
  pair(
    "Change an order's payment method",
    "The payment method must be on file with the user.",
    "A gift card used as a payment method needs enough balance.",
  ),
  pair(
    "Resolve a merge conflict",
    "Regenerate package-lock.json instead of merging it.",
    "After a conflict run the type checker.",
  ),
  pair(
    "Search the documentation",
    "The documentation has an index at /docs/search.json.",
    "Documentation of old releases is under /docs/archive.",
  ),
];
