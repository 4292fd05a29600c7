/** Rules for Dockerfiles, YAML (Kubernetes, Compose), GitHub workflows and Terraform. */
import type { Rule } from './patterns.ts';

export const rulesForOperations: readonly Rule[] = [
  {
    id: 'dockerfile/latest-image',
    languages: ['dockerfile'],
    severity: 'low',
    pattern:
      /^\s*FROM\s+(?!scratch\b)(?:--platform=\S{1,60}\s+)?(?:[^\s:@]{1,200}(?::latest)?)(?:\s+AS\s+\w{1,60})?\s*$/i,
    title: 'Image without a fixed version',
    explanation: 'Each build may get another image, with other contents.',
    remediation: 'Name a version, best with its digest.',
  },
  {
    id: 'dockerfile/root-user',
    languages: ['dockerfile'],
    severity: 'medium',
    pattern: /^\s*USER\s+(?:root|0)(?::\S{1,30})?\s*$/i,
    title: 'Runs as root',
    explanation: 'A way out of the container then starts with all rights.',
    remediation: 'Add an account for the program and switch to it with USER.',
  },
  {
    id: 'dockerfile/secret-in-layer',
    languages: ['dockerfile'],
    severity: 'high',
    pattern:
      /^\s*(?:ENV|ARG)\s+\w{0,60}(?:PASSWORD|SECRET|TOKEN|API_?KEY)\w{0,30}[= ]\s{0,3}(?!\$)\S|^\s*(?:COPY|ADD)\s+.{0,100}(?:\.env|id_rsa|id_ed25519|\.pem|\.npmrc|credentials)\b/i,
    title: 'Secret in a layer of the image',
    explanation: 'Everyone who has the image can read each of its layers, also those that a later line deletes.',
    remediation: 'Use RUN --mount=type=secret while building, and the environment at run time.',
  },
  {
    id: 'dockerfile/add-url',
    languages: ['dockerfile'],
    severity: 'medium',
    pattern: /^\s*ADD\s+(?!.{0,100}--checksum)(?:--\S{1,80}\s+)?https?:\/\//i,
    title: 'Download without a check',
    explanation: 'What the address serves tomorrow becomes part of the image.',
    remediation: 'Use ADD --checksum=sha256:…, or download and check it in a RUN line.',
  },
  {
    id: 'yaml/privileged',
    languages: ['yaml', 'workflow'],
    severity: 'high',
    pattern:
      /^\s*-?\s{0,8}(?:privileged|hostNetwork|hostPID|hostIPC|allowPrivilegeEscalation)\s{0,3}:\s{0,3}true\b|--privileged\b/,
    title: 'The container may do all that its host may',
    explanation: 'Whoever takes over the container has the machine.',
    remediation: 'Leave it out; add the one capability that is needed.',
  },
  {
    id: 'yaml/docker-socket',
    languages: ['yaml', 'dockerfile', 'shell'],
    severity: 'high',
    pattern: /\/var\/run\/docker\.sock/,
    title: 'The Docker socket is handed in',
    explanation: 'Whoever may talk to the socket may start a container with all rights: it is root on the machine.',
    remediation: 'Leave it out, or put a proxy between that allows the few calls needed.',
  },
  {
    id: 'yaml/runs-as-root',
    languages: ['yaml'],
    severity: 'medium',
    pattern:
      /^\s*-?\s{0,8}(?:runAsUser\s{0,3}:\s{0,3}0|runAsNonRoot\s{0,3}:\s{0,3}false|user\s{0,3}:\s{0,3}["']?(?:root|0)["']?)\s*$/,
    title: 'Runs as root',
    explanation: 'A way out of the container then starts with all rights.',
    remediation: 'Set runAsNonRoot: true and a user id above 0.',
  },
  {
    id: 'yaml/latest-image',
    languages: ['yaml'],
    severity: 'low',
    pattern: /^\s*-?\s{0,8}image\s{0,3}:\s{0,3}["']?[\w./-]{1,200}:latest["']?\s*$/,
    title: 'Image without a fixed version',
    explanation: 'Each start may get another image, with other contents.',
    remediation: 'Name a version, best with its digest.',
  },
  {
    id: 'workflow/script-injection',
    languages: ['workflow'],
    severity: 'critical',
    pattern:
      /\$\{\{[^}]{0,100}github\.(?:head_ref|event\.(?:issue|pull_request|comment|review|discussion|head_commit|commits)[^}]{0,100}(?:title|body|message|name|email|ref|label)|event\.(?:comment|review|issue)\.body)/,
    unless: /^\s*[A-Z_]{2,40}\s{0,3}:|^\s*if\s{0,3}:|^\s*(?:group|name|ref)\s{0,3}:/,
    title: 'Text of a stranger in a script',
    explanation:
      'The title or body of an issue or pull request is written by anyone; here it becomes part of a shell script.',
    remediation: 'Hand it over as an environment variable (env: TITLE: …) and use "$TITLE" in the script.',
  },
  {
    id: 'workflow/pull-request-target',
    languages: ['workflow'],
    severity: 'high',
    pattern:
      /^\s*-?\s{0,8}(?:pull_request_target|workflow_run)\s{0,3}:?\s*(?:$|#)|^\s*on\s{0,3}:\s{0,3}\[?[^\]]{0,80}\bpull_request_target\b/,
    title: 'Runs for strangers with rights of the repository',
    explanation: 'The job has secrets and a token that may write; code of the pull request must never run in it.',
    remediation: 'Use pull_request, or check out nothing of the pull request here.',
  },
  {
    id: 'workflow/unpinned-action',
    languages: ['workflow'],
    severity: 'medium',
    pattern:
      /^\s*-?\s{0,8}uses\s{0,3}:\s{0,3}["']?(?!\.\/|docker:|actions\/|github\/)[\w.-]{1,60}\/[\w./-]{1,120}@(?![0-9a-f]{40}\b)\S/,
    title: 'Action without a fixed version',
    explanation:
      'The owner, or who takes the account over, can move the tag to other code; it then runs with your secrets.',
    remediation: 'Pin the action to the full SHA of a commit.',
  },
  {
    id: 'workflow/broad-permissions',
    languages: ['workflow'],
    severity: 'medium',
    pattern: /^\s*permissions\s{0,3}:\s{0,3}["']?write-all/,
    title: 'The token may write everything',
    explanation: 'Every step of the job can change code, releases and packages.',
    remediation: 'Start with permissions: {} or contents: read, and add what a job needs.',
  },
  {
    id: 'workflow/self-hosted',
    languages: ['workflow'],
    severity: 'low',
    pattern: /^\s*runs-on\s{0,3}:\s{0,3}.{0,60}self-hosted/,
    title: 'Own machine as a runner',
    explanation: 'What one job leaves behind, the next one finds; in a public repository strangers may start jobs.',
    remediation: 'Use machines that live for one job only, and none for public repositories.',
  },
  {
    id: 'terraform/open-to-world',
    languages: ['terraform'],
    severity: 'high',
    pattern:
      /\b(?:cidr_blocks|source_ranges|source_address_prefix(?:es)?|ipv6_cidr_blocks|cidr_ipv4)\s{0,4}=\s{0,4}\[?\s{0,3}"(?:0\.0\.0\.0\/0|::\/0|\*)"/,
    title: 'Open to the whole Internet',
    explanation: 'Every address may connect.',
    remediation: 'Name the ranges that need it; put a gateway in front of the rest.',
  },
  {
    id: 'terraform/public-storage',
    languages: ['terraform'],
    severity: 'high',
    pattern:
      /\bacl\s{0,4}=\s{0,4}"public-read(?:-write)?"|\ballUsers\b|\b(?:block_public_(?:acls|policy)|restrict_public_buckets|ignore_public_acls)\s{0,4}=\s{0,4}false|\bpublicly_accessible\s{0,4}=\s{0,4}true/,
    title: 'Readable by everyone',
    explanation: 'The storage or database can be reached without an account.',
    remediation: 'Make it private and give access by role.',
  },
  {
    id: 'terraform/wildcard-rights',
    languages: ['terraform'],
    severity: 'high',
    pattern:
      /"?\b(?:Action|actions|Resource|resources|Principal)"?\s{0,4}[=:]\s{0,4}\[?\s{0,3}"\*"|roles\/(?:owner|editor)"/,
    title: 'All rights granted',
    explanation: 'Whoever gets this role may do everything.',
    remediation: 'Name the actions and resources that are needed.',
  },
  {
    id: 'terraform/not-encrypted',
    languages: ['terraform'],
    severity: 'medium',
    pattern:
      /\b(?:storage_encrypted|encrypted|enable_key_rotation|encryption_in_transit|enable_https_traffic_only)\s{0,4}=\s{0,4}false/,
    title: 'Encryption is switched off',
    explanation: 'Data lie or travel in the clear.',
    remediation: 'Set it to true.',
  },
  {
    id: 'terraform/secret-default',
    languages: ['terraform'],
    severity: 'high',
    pattern: /^\s*\w{0,40}(?:password|secret_key|secret)\s{0,4}=\s{0,4}"(?!\$\{|var\.)[^"\s]{6,200}"/i,
    title: 'Secret in the configuration',
    explanation: 'It is kept in the repository and in the state file.',
    remediation: 'Take it from a variable marked sensitive, or from a secret store.',
  },
];
