/** Lines without a secret, many of them near one: names of secrets, hashes, ids, placeholders, prose, logs, markup. */
import type { Random } from './random.ts';
import { ALNUM, DIGITS, HEX, LOWER, UPPER, randomOf } from './random.ts';

const WORDS =
  'order customer invoice payment report account gateway session button filter window update record policy import export worker queue cache region bucket folder branch release market summer winter planet garden silver copper bridge harbour'.split(
    ' ',
  );
const word = (r: Random): string => r.pick(WORDS);
const camel = (r: Random): string => word(r) + word(r).replace(/^./, (first) => first.toUpperCase());
const uuid = (r: Random): string => [8, 4, 4, 4, 12].map((length) => r.text(HEX, length)).join('-');
const sentence = (r: Random): string => Array.from({ length: r.int(5, 14) }, () => word(r)).join(' ');

const TEMPLATES: readonly ((r: Random) => string)[] = [
  // Code that speaks of secrets and holds none.
  (r) => `password = os.environ["${word(r).toUpperCase()}_PASSWORD"]`,
  (r) => `const ${word(r)}Token = process.env.${word(r).toUpperCase()}_TOKEN;`,
  (r) => `api_key = config.get("${word(r)}", "api_key")`,
  (r) => `if (password.length < ${r.int(8, 20)}) throw new Error('Password is too short for ${word(r)}');`,
  (r) => `String password = request.getParameter("${word(r)}");`,
  (r) => `  password: \${{ secrets.${word(r).toUpperCase()}_PASSWORD }}`,
  (r) => `  token: "{{ .Values.${word(r)}.token }}"`,
  (r) => `DB_PASSWORD=<your-${word(r)}-password>`,
  () => 'API_KEY=your_api_key_here',
  () => 'SECRET_KEY=changeme',
  (r) => `export TOKEN=$(vault read -field=token secret/${word(r)})`,
  (r) => `password_label = "Enter your ${word(r)} password"`,
  (r) => `    "password": "Passwords of a ${word(r)} have to match",`,
  (r) => `public string Password { get; set; } // of the ${word(r)}`,
  (r) => `const passwordInput = document.querySelector('#${word(r)}-password-2');`,
  (r) => `token = tokenizer.next_token(${word(r)}, ${r.int(1, 900)})`,
  (r) => `secret_name = "projects/${word(r)}/secrets/${word(r)}-${r.int(1, 99)}"`,
  (r) => `tokenUrl: 'https://${word(r)}.example.com/oauth2/v2.0/token',`,
  (r) => `  "access_token_type": "${word(r)}_v2_bearer",`,
  (r) => `func (s *${camel(r)}) ValidateToken(token string) (*Claims, error) {`,
  (r) => `password: Yup.string().min(${r.int(8, 16)}).required('${word(r)}'),`,
  (r) => `const API_KEY_HEADER = 'X-${word(r)}-Api-Key-V2';`,
  (r) => `@Value("\${${word(r)}.api.key}") private String apiKey;`,
  (r) => `credentials: 'same-origin', // ${word(r)}`,
  () => 'password = "********"',
  () => 'token = "xxxxxxxxxxxxxxxxxxxxxxxxxxxx"',
  (r) => `SELECT password_hash, token_expires_at FROM ${word(r)}s WHERE id = $1;`,
  (r) => `ALTER TABLE ${word(r)}s ADD COLUMN password_reset_token VARCHAR(${r.int(64, 255)});`,
  (r) => `url = "postgresql://localhost:5432/${word(r)}"`,
  (r) => `DATABASE_URL=postgres://user:\${DB_PASSWORD}@db/${word(r)}`,
  (r) => `redis_url = f"redis://:{password}@{host}:6379/${r.int(0, 15)}"`,
  (r) => `headers["Authorization"] = f"Bearer {${word(r)}_token}"`,
  (r) => `curl -u "$USER:$PASS" https://api.example.com/${word(r)}`,
  (r) => `-----BEGIN CERTIFICATE----- for ${word(r)}`,
  (r) => `-----BEGIN PUBLIC KEY----- ${word(r)}`,
  (r) => `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI${r.text(ALNUM, 43)} ${word(r)}@host`,
  // Long random-looking values that are no secret.
  (r) => `commit ${r.text(HEX, 40)}`,
  (r) => `sha256:${r.text(HEX, 64)}  ${word(r)}.tar.gz`,
  (r) => `      "integrity": "sha512-${r.text(ALNUM, 86)}==",`,
  (r) => `id: ${uuid(r)}`,
  (r) => `const REQUEST_ID = '${uuid(r)}';`,
  (r) => `background: url(data:image/png;base64,iVBORw0KGgo${r.text(ALNUM, 60)});`,
  (r) => `<script src="/${word(r)}.js" integrity="sha384-${r.text(ALNUM, 64)}"></script>`,
  (r) => `uses: actions/checkout@${r.text(HEX, 40)} # v4`,
  (r) => `image: registry.example.com/${word(r)}@sha256:${r.text(HEX, 64)}`,
  (r) => `ETag: "${r.text(HEX, 32)}"`,
  (r) => `Set-Cookie: theme=${word(r)}; Path=/; Max-Age=${r.int(100, 9999)}`,
  (r) => `${word(r)}.${r.text(HEX, 8)}.chunk.js  ${r.int(10, 900)} kB`,
  (r) => `color: #${r.text(HEX, 6)}; /* ${word(r)} */`,
  (r) => `MAC ${Array.from({ length: 6 }, () => r.text(HEX, 2)).join(':')} on ${word(r)}`,
  (r) => `https://www.example.com/${word(r)}/${r.text(DIGITS, 8)}?utm_source=${word(r)}&ref=${r.text(ALNUM, 10)}`,
  (r) => `trace_id=${r.text(HEX, 32)} span_id=${r.text(HEX, 16)} name=${word(r)}`,
  (r) => `docker pull ${word(r)}:${r.int(1, 9)}.${r.int(0, 20)}.${r.int(0, 20)}`,
  (r) => `export const ${camel(r)}Id = '${r.text(LOWER, 3)}_${r.text(DIGITS, 6)}';`,
  (r) => `tenant_id = "${uuid(r)}"`,
  // Plain code, markup and configuration.
  (r) => `import { ${camel(r)} } from './${word(r)}-${word(r)}.ts';`,
  (r) => `def ${word(r)}_${word(r)}(${word(r)}, limit=${r.int(1, 500)}):`,
  (r) => `    return [item.${word(r)} for item in ${word(r)}s if item.${word(r)} > ${r.int(1, 99)}]`,
  (r) => `for (let i = 0; i < ${word(r)}s.length; i += 1) ${word(r)}s[i].${word(r)}();`,
  (r) => `public final class ${camel(r).replace(/^./, (c) => c.toUpperCase())}Service implements ${camel(r)} {`,
  (r) => `  { id: ${r.int(1, 9999)}, key: '${word(r)}.${word(r)}', label: '${sentence(r)}' },`,
  (r) => `fmt.Printf("%s: %d of %d\\n", ${word(r)}, ${r.int(1, 99)}, ${r.int(100, 999)})`,
  (r) => `if err := ${word(r)}.Close(); err != nil { return fmt.Errorf("close ${word(r)}: %w", err) }`,
  (r) => `<label for="${word(r)}">${word(r)} password</label><input type="password" id="${word(r)}">`,
  (r) => `<li class="${word(r)}-item" data-key="${word(r)}-${r.int(1, 99)}">${sentence(r)}</li>`,
  (r) => `  "${word(r)}": { "version": "${r.int(0, 9)}.${r.int(0, 30)}.${r.int(0, 30)}", "license": "MIT" },`,
  (r) => `${word(r)}_timeout_seconds: ${r.int(1, 900)}`,
  (r) => `      - name: ${sentence(r)}`,
  (r) => `resource "aws_s3_bucket" "${word(r)}" { bucket = "${word(r)}-${word(r)}-${r.int(1, 99)}" }`,
  (r) => `RUN apt-get update && apt-get install -y ${word(r)}=${r.int(1, 9)}.${r.int(0, 9)}`,
  (r) => `.${word(r)}-${word(r)} > .${word(r)}:not(:last-child) { margin: 0 ${r.int(1, 40)}px; }`,
  (r) => `INSERT INTO ${word(r)}s (name, amount) VALUES ('${word(r)}', ${r.int(1, 9999)});`,
  (r) => `static const uint32_t ${word(r)}_key[4] = { 0x${r.text(HEX, 8)}, 0x${r.text(HEX, 8)} };`,
  (r) => `#define ${word(r).toUpperCase()}_KEY_LENGTH ${r.int(16, 64)}`,
  (r) => `$${word(r)} = Get-Content -Path .\\${word(r)}.txt | Select-Object -First ${r.int(1, 50)}`,
  (r) => `assert.equal(${word(r)}.token.kind, TokenKind.${word(r)});`,
  (r) => `keyboard.addShortcut('ctrl+shift+${r.text(LOWER, 1)}', ${camel(r)});`,
  (r) => `primary_key = ['${word(r)}_id', '${word(r)}_id']`,
  (r) => `const publicKey = await import${camel(r)}('${word(r)}.pub');`,
  // Logs.
  (r) =>
    `192.0.2.${r.int(1, 254)} - - [09/Jan/2024:08:${r.int(10, 59)}:${r.int(10, 59)} +0000] "GET /${word(r)}/${r.int(1, 9999)} HTTP/1.1" 200 ${r.int(100, 90000)}`,
  (r) =>
    `Jan  9 08:${r.int(10, 59)}:07 web01 sshd[${r.int(100, 9999)}]: Failed password for ${word(r)} from 203.0.113.${r.int(1, 254)} port ${r.int(40000, 60000)} ssh2`,
  (r) =>
    `Jan  9 08:${r.int(10, 59)}:09 web01 sshd[${r.int(100, 9999)}]: Accepted publickey for ${word(r)} from 192.0.2.7 port 50112 ssh2: ED25519 SHA256:${r.text(ALNUM, 43)}`,
  (r) =>
    `2024-01-09T08:${r.int(10, 59)}:07.${r.text(DIGITS, 3)}Z INFO [${word(r)}] token refreshed for user ${r.int(1, 9999)} in ${r.int(1, 900)} ms`,
  (r) => `{"level":"info","ts":${r.text('123456789', 10)},"msg":"password changed","user":"${word(r)}"}`,
  (r) => `ERROR ${word(r)}.service: invalid credentials: attempt ${r.int(1, 9)} of 10`,
  (r) => `WARN  secret rotation for ${word(r)}/${word(r)} is due in ${r.int(1, 30)} days`,
  (r) =>
    `[${r.int(1, 99999)}.${r.text(DIGITS, 6)}] usb ${r.int(1, 4)}-${r.int(1, 9)}: new high-speed device number ${r.int(1, 60)}`,
  (r) => `goroutine ${r.int(1, 500)} [running]: main.${camel(r)}(0xc${r.text(HEX, 9)}, 0x${r.text(HEX, 2)})`,
  // Prose.
  (r) => `The ${word(r)} ${sentence(r)}.`,
  (r) => `Password: ask the ${word(r)} team for it.`,
  (r) => `Secrets belong into the vault, never into the ${word(r)}.`,
  (r) => `- token: an opaque string that names the ${word(r)}`,
  (r) =>
    `Call the ${word(r)} desk at ${r.text(DIGITS, 3)}-${r.text(DIGITS, 4)} and ask for ${word(r)} ${r.int(1, 99)}.`,
  (r) => `See [the guide](https://docs.example.com/${word(r)}#api-key) before you create a key.`,
  (r) => `| ${word(r)} | ${r.int(1, 999)} | ${word(r)}@example.com | ${r.text(UPPER, 2)} |`,
  (r) => `* @param {string} password the password of the ${word(r)}`,
  (r) => `// The key is ${word(r)} plus the index: ${word(r)}-${r.int(1, 99)}`,
  (r) => `> ${sentence(r)} (${r.int(1990, 2024)})`,
];

/** Different lines, taken from each kind in turn; the same for the same seed. */
export const cleanLines = (seed: number, count: number): string[] => {
  const random = randomOf(seed);
  const lines = new Set<string>();
  for (let index = 0; lines.size < count; index += 1)
    lines.add((TEMPLATES[index % TEMPLATES.length] ?? sentence)(random));
  return [...lines];
};
