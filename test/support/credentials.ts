/**
 * Credentials that are none: made of forms and a seed, so that nobody's is here and no scanner finds
 * one in the repository; and texts that look like some and hold none.
 *
 * @module
 */

const [UPPER, LOWER, DIGITS] = [
  "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
  "abcdefghijklmnopqrstuvwxyz",
  "0123456789",
];
const ALNUM = UPPER + LOWER + DIGITS;
const HEX = "0123456789abcdef";

/** A source of letters by lot, the same for the same seed (mulberry32, T. Ettinger). */
class Lot {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  next(below: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return (((t ^ (t >>> 14)) >>> 0) / 4_294_967_296) * below;
  }

  of<T>(list: readonly T[]): T {
    return list[Math.floor(this.next(list.length))] as T;
  }

  letters(length: number, alphabet = ALNUM): string {
    return Array.from({ length }, () => alphabet[Math.floor(this.next(alphabet.length))]).join("");
  }

  /** As people choose them: a word, a number, a sign. */
  password(): string {
    const words = ["falcon", "winter", "Blue", "river", "Tango", "maple", "Zebra"];
    return (
      this.of(words) +
      this.of(words) +
      this.letters(2 + this.next(3), DIGITS) +
      this.letters(1, "!#%*?")
    );
  }

  base64(length: number): string {
    return btoa(this.letters(length));
  }
}

export interface TrueCredential {
  form: string;
  text: string;
  /** What must not be left. */
  secret: string;
}

type Form = (lot: Lot) => { text: string; secret: string };

/** @param join with which prefix and body are joined: no whole prefix stands in this file */
const key =
  (start: readonly string[], length: number, alphabet = ALNUM): Form =>
  (lot) => {
    const secret = start.join("") + lot.letters(length, alphabet);
    const around = lot.of([
      "the key is %",
      "KEY=%",
      '{"v":"%"}',
      "using %, then",
      "%",
      "curl -H 'X: %' u",
    ]);
    return { text: around.replace("%", secret), secret };
  };
const given =
  (template: string, make: (lot: Lot) => string): Form =>
  (lot) => {
    const secret = make(lot);
    return { text: template.replace("%", () => secret), secret };
  };
const url64 = (lot: Lot, n: number): string => lot.letters(n, `${ALNUM}-_`);
const password = (lot: Lot): string => lot.password();
const random = (n: number) => (lot: Lot) => `${lot.letters(n - 1)}7`;

const TRUE_FORMS: Readonly<Record<string, Form>> = {
  "AWS access key": key(["AK", "IA"], 16, UPPER + DIGITS),
  "AWS secret key": given("aws_secret_access_key = %", (lot) => lot.letters(40, `${ALNUM}/+`)),
  "AWS secret key alone": given("second line:\n%\n", (lot) => lot.letters(40, `${ALNUM}/+`)),
  "GitHub token": key(["gh", "p_"], 36),
  "GitHub fine-grained": key(["github", "_pat_"], 60),
  "GitLab token": key(["gl", "pat-"], 20, `${ALNUM}-_`),
  "Slack bot": (lot) => {
    const secret = `xo${"xb-"}${lot.letters(12, DIGITS)}-${lot.letters(12, DIGITS)}-${lot.letters(24)}`;
    return { text: `SLACK_BOT ${secret}`, secret };
  },
  "Slack webhook": (lot) => {
    const secret = `T${lot.letters(8, UPPER)}/B${lot.letters(8, UPPER)}/${lot.letters(24)}`;
    return { text: `POST https://hooks.slack${".com"}/services/${secret} ok`, secret };
  },
  Stripe: key(["sk", "_live_"], 24),
  OpenAI: key(["sk", "-proj-"], 48, `${ALNUM}-_`),
  "OpenAI old": key(["s", "k-"], 48),
  Anthropic: key(["sk", "-ant-api03-"], 80, `${ALNUM}-_`),
  Google: key(["AI", "za"], 35, `${ALNUM}-_`),
  SendGrid: (lot) => {
    const secret = `S${"G."}${lot.letters(22)}.${lot.letters(43)}`;
    return { text: `mail with ${secret}`, secret };
  },
  npm: key(["np", "m_"], 36),
  PyPI: key(["py", "pi-AgEIcHlwaS5vcmc"], 70, `${ALNUM}-_`),
  HuggingFace: key(["h", "f_"], 34),
  Docker: key(["dckr", "_pat_"], 27, `${ALNUM}-_`),
  Databricks: key(["da", "pi"], 32, HEX),
  DigitalOcean: key(["dop", "_v1_"], 64, HEX),
  Telegram: (lot) => {
    const secret = `AA${lot.letters(33, `${ALNUM}-_`)}`;
    return { text: `bot${lot.letters(10, DIGITS)}:${secret}/getMe`, secret };
  },
  Vault: key(["hv", "s."], 90, `${ALNUM}-_`),
  "this service": (lot) => {
    const secret = `m${"k_"}${lot.letters(16, HEX)}_${lot.letters(32, HEX)}`;
    return { text: `MEMORY_KEY is ${secret}`, secret };
  },
  bearer: given("Authorization: Bearer %", random(40)),
  "bearer in a command": given("curl -H 'authorization: bearer %' https://a.example", random(32)),
  "bearer in prose": given("sent with Bearer % and refused", random(30)),
  "token scheme": given("Authorization: Token %", random(40)),
  basic: given("Authorization: Basic %", (lot) => btoa(`${lot.letters(6)}:${lot.letters(12)}`)),
  "basic alone": given("uses Basic % now", (lot) => btoa(`${lot.letters(6)}:${lot.letters(12)}`)),
  JWT: given(
    "token %",
    (lot) => `ey${"JhbGci"}${url64(lot, 30)}.ey${"Jz"}${url64(lot, 60)}.${url64(lot, 43)}`,
  ),
  "private key": (lot) => {
    const secret = lot.letters(64);
    const [begin, end] = ["BEGIN RSA", "END RSA"].map(
      (what) => `-----${what} PRIVATE${" KEY"}-----`,
    );
    return { text: `${begin}\n${secret}\n${lot.letters(64)}\n${end}`, secret };
  },
  "private key cut": (lot) => {
    const secret = lot.letters(64);
    return { text: `cat id\n-----BEGIN OPENSSH PRIVATE${" KEY"}-----\n${secret}`, secret };
  },
  "private key in JSON": (lot) => {
    const secret = lot.letters(60);
    const pem = `-----BEGIN PRIVATE${" KEY"}-----\n${secret}\n-----END PRIVATE${" KEY"}-----\n`;
    return { text: JSON.stringify({ private_key: pem, client: "x" }), secret };
  },
  Postgres: given("postgres://app:%@db.example:5432/main?sslmode=require", password),
  "Postgres with an at": given("postgresql://app:p@%@db.example/main", random(12)),
  MongoDB: given("mongodb+srv://root:%@cluster0.example.net", random(16)),
  Redis: given("redis://:%@cache.example:6379/0", random(20)),
  AMQP: given('"url": "amqps://svc:%@mq.example/vhost"', random(16)),
  "git remote": given("https://x-access-token:%@github.example/a/b.git", random(36)),
  "address with a token": given("git clone https://%@git.example/a/b.git", random(40)),
  "ADO string": given("Server=db;Database=a;User Id=sa;Password=%;Encrypt=true", random(14)),
  "Azure storage": given("AccountName=a;AccountKey=%==;EndpointSuffix=x", (lot) => lot.letters(86)),
  "file of variables": given("PORT=80\nDB_PASSWORD=%\nDEBUG=1", password),
  "quoted variable": given('export SMTP_PASS="%"', random(14)),
  "api key variable": given("SERVICE_API_KEY=%", random(24)),
  "JSON field": given('{"user":"ana","password":"%","port":1}', password),
  "JSON in a text": given(String.raw`body: "{\"clientSecret\":\"%\",\"a\":1}"`, random(28)),
  YAML: given("db:\n  user: app\n  password: %\n  host: x", password),
  "YAML token": given("github:\n  token: %\n", random(40)),
  Python: given("conn = connect(user='a', password='%')", password),
  Ruby: given(":password => '%', :host => 'x'", password),
  Go: given('apiKey := "%"', random(32)),
  option: given("mysql --user root --password % -h db", password),
  "option with a sign": given("tool login --token=% --yes", random(36)),
  "arguments in a list": given('["login", "--password", "%"]', password),
  "curl user": given("curl -u admin:% https://a.example", random(12)),
  "variable of one word": given("PGPASSWORD=% psql -h db", password),
  "YAML word": given("db:\n  user: app\n  password: %\n", (lot) => lot.letters(10, LOWER)),
  "element of XML": given("<server><user>a</user><password>%</password></server>", password),
  "element of XML, a key": given("<apiKey>%</apiKey>", random(24)),
  "pair of XML": given('<add key="ApiKey" value="%" />', random(24)),
  "pair of JSON": given('{"name": "DB_PASSWORD", "value": "%"}', password),
  "key in prose": given("Your API key: % (keep it)", random(30)),
  "secret of Rails": given("secret_key_base: %", (lot) => lot.letters(128, HEX)),
  "short password of an address": given("redis://u:%@h/0", (lot) => lot.letters(6, LOWER)),
  "Docker's": given('{"auths":{"x":{"auth":"%"}}}', (lot) => btoa(`u:${lot.letters(12)}`)),
  Heroku: given("HEROKU_API_KEY=%", (lot) =>
    [8, 4, 4, 4, 12].map((n) => lot.letters(n, HEX)).join("-"),
  ),
  "registry of npm": given("//registry.example/:_authToken=%", random(36)),
  SQL: given("CREATE USER a WITH PASSWORD '%'", password),
  "SQL of MySQL": given("create user 'a'@'%h' identified by '%'".replace("%h", "x"), password),
  "query parameter": given("GET https://a.example/x?id=7&access_token=%&b=1", random(30)),
  "signed address": given("https://a.example/o?X-Amz-Date=1&X-Amz-Signature=%", (lot) =>
    lot.letters(64, HEX),
  ),
  "header of a vendor": given("X-Api-Key: %", random(32)),
  cookie: given("Cookie: theme=dark; session=%", random(32)),
  "set cookie": given("Set-Cookie: sid=%; Path=/; HttpOnly", random(32)),
  "cookie in JSON": given('{"cookie":"id=%; a=b"}', random(24)),
  "private note": given("before <private>call me % later</private> after", (lot) => lot.letters(9)),
  "private note cut": given("before <Private>my number is %", (lot) => lot.letters(9, DIGITS)),
};

export function trueCredentials(seed: number, count: number): TrueCredential[] {
  const lot = new Lot(seed);
  const forms = Object.entries(TRUE_FORMS);
  return Array.from({ length: count }, (_, i) => {
    const [form, make] = forms[i % forms.length] as [string, Form];
    return { form, ...make(lot) };
  });
}

const FALSE_FORMS: Readonly<Record<string, (lot: Lot) => string>> = {
  UUID: (lot) => `id 0${[7, 4, 4, 4, 12].map((n) => lot.letters(n, HEX)).join("-")}`,
  commit: (lot) =>
    `commit ${lot.letters(40, HEX)}\nMerge: ${lot.letters(7, HEX)} ${lot.letters(7, HEX)}`,
  sha256: (lot) => `sha256:${lot.letters(64, HEX)} pulled`,
  integrity: (lot) => `"integrity": "sha512-${lot.letters(86, `${ALNUM}+/`)}=="`,
  ETag: (lot) => `ETag: W/"${lot.letters(27)}"`,
  "tool call": (lot) => `{"id":"toolu_01${lot.letters(22)}","name":"Bash"}`,
  "OpenAI call": (lot) =>
    `call_${lot.letters(24)} chatcmpl-${lot.letters(29)} req_${lot.letters(24)}`,
  order: (lot) => `order #W${lot.letters(7, DIGITS)} of user_${lot.letters(6, DIGITS)}`,
  "image data": (lot) => `data:image/png;base64,${lot.base64(400)}`,
  "token counts": (lot) =>
    `"usage":{"input_tokens":${Math.floor(lot.next(9_000))},"total_tokens":120,"max_tokens":4096}`,
  "next page": (lot) =>
    `{"items":[],"next_page_token":"${lot.base64(30)}","nextToken":"${lot.letters(30)}"}`,
  "type of a field": () =>
    "interface Login { username: string; password: string; token: string | null }",
  "field of a form": () =>
    `<input type="password" name="password" placeholder="Enter your password">`,
  validation: (lot) =>
    `password: ${lot.of(["must have at least 8 characters", "is required", "too short"])}`,
  prose: (lot) =>
    lot.of([
      "The password was wrong, so the token expired and the secret rotated.",
      "Bearer authentication is required for this route",
      "basic understanding of tokens: they are split by spaces",
      "Invalid API key: check your settings",
      "error: authentication failed for user postgres",
    ]),
  reference: (lot) =>
    lot.of([
      "DB_PASSWORD=${DB_PASSWORD}",
      "password: {{ vault.db_password }}",
      "token: ${{ secrets.GITHUB_TOKEN }}",
      "const key = process.env.API_KEY;",
      "api_key = os.environ['API_KEY']",
      "password=$(cat /run/secrets/db)",
      "Authorization: Bearer $TOKEN",
      "Authorization: Bearer <your token>",
      "postgres://user:${PASSWORD}@db/main",
    ]),
  placeholder: (lot) =>
    lot.of([
      "API_KEY=your_api_key_here",
      'password: "********"',
      "token=xxxxxxxxxxxxxxxx",
      "password=<redacted>",
      '"secret": null',
      "PASSWORD=changeme",
      `ghp${"_"}${"x".repeat(36)}`,
    ]),
  code: (lot) =>
    lot.of([
      "if (password === confirmPassword) return true;",
      "const token = await getToken(session);",
      "self.password = password",
      "login(user, password=password, token=token)",
      "return user.password == other.password",
      "let secretKey: SecretKey = keyring.get();",
      "expect(body.token).toBe(undefined)",
      "this.apiKey = options.apiKey;",
      "def check(password: str, api_key: str | None = None) -> bool:",
    ]),
  log: (lot) =>
    `2026-01-31T12:00:${lot.letters(2, "012345")}Z INFO [http-nio-8080] GET /v1/users/${lot.letters(5, DIGITS)} 200 in 12ms trace=${lot.letters(32, HEX)}`,
  path: (lot) =>
    `src/components/Token${lot.letters(2, UPPER)}Provider/useSessionStorage${lot.letters(2, DIGITS)}.test.tsx`,
  Kubernetes: () =>
    "secretName: tls-cert\nimagePullSecrets:\n- name: registry\nserviceAccountToken: true",
  address: (lot) =>
    `https://user@mail.example/inbox http://localhost:${lot.letters(4, DIGITS)}/a@b git@github.com:a/b.git`,
  "colons and equals": (lot) =>
    `a=b c:d x==y z!=w ::1 12:30:${lot.letters(2, "012345")} key: value, sort_key=name, primary_key: id`,
  "docker user": () => "docker run -u 1000:1000 --user node:node -e KEY=value image",
  "cookie talk": () => "The cookie: it was eaten. Set-Cookie is a header; cookies = []",
  certificate: (lot) =>
    `-----BEGIN CERTIFICATE-----\n${lot.letters(64)}\n-----END CERTIFICATE-----\n-----BEGIN PUBLIC KEY-----`,
  "session of an agent": (lot) =>
    `{"sessionId":"${[8, 4, 4, 4, 12].map((n) => lot.letters(n, HEX)).join("-")}","cwd":"/work"}`,
  "object of a store": (lot) => `storage_key: users/${lot.letters(6, DIGITS)}/avatar.png`,
  "form of a page": () => `<label>Password</label><input name="token" value=""> key: Enter`,
  "talk of the tag": () => "Put it between `<private>` and `</private>`, or after `<private>`.",
  CSS: () =>
    "sk-loading-indicator-container .sk-chase-dot key-frames sk-learn pip install scikit-learn",
  cursor: (lot) => `"cursor":"eyJ${lot.letters(40)}"`,
  question: (lot) =>
    `How do I reset the ${lot.of(["password", "token", "secret"])} for order ${lot.letters(6, DIGITS)}?`,
  SQL: () => "SELECT password_hash, token_id FROM users WHERE secret_id = 4 AND api_key_id IS NULL",
};

export function falseCredentials(seed: number, count: number): { form: string; text: string }[] {
  const lot = new Lot(seed);
  const forms = Object.entries(FALSE_FORMS);
  return Array.from({ length: count }, (_, i) => {
    const [form, make] = forms[i % forms.length] as [string, (lot: Lot) => string];
    return { form, text: make(lot) };
  });
}
