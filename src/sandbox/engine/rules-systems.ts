/** Rules for C and C++, shell and PowerShell. */
import type { Rule } from './patterns.ts';

const OVERFLOW =
  'The function writes as much as the source holds, whatever the size of the target: memory behind it is overwritten, which often can be turned into code execution.';
const FETCH_RUN =
  'What is downloaded is run at once, unseen and unchecked: whoever controls the server or the way to it runs code here. It is also the usual first stage of malware.';
const PIN = 'Download to a file, check its signature or hash, read it, then run it.';

export const rulesForSystems: readonly Rule[] = [
  {
    id: 'c/unbounded-copy',
    languages: ['c'],
    severity: 'high',
    pattern: /(?<!\w)(?:strcpy|strcat|sprintf|vsprintf|gets|wcscpy|wcscat|lstrcpy[AW]?)\s{0,3}\(/,
    title: 'Copy without a bound',
    explanation: OVERFLOW,
    remediation: 'Use snprintf, strlcpy or std::string, with the size of the target.',
  },
  {
    id: 'c/unbounded-scan',
    languages: ['c'],
    severity: 'high',
    pattern: /(?<!\w)[fs]?scanf\s{0,3}\([^;]{0,200}"[^"]{0,100}%s/,
    title: 'Read without a bound',
    explanation: OVERFLOW,
    remediation: 'Give the width (%63s for a buffer of 64), or use fgets.',
  },
  {
    id: 'c/format-string',
    languages: ['c'],
    severity: 'high',
    pattern:
      /(?<!\w)(?:printf|syslog\s{0,3}\(\s{0,3}\w{1,40}\s{0,3},|fprintf\s{0,3}\(\s{0,3}\w{1,40}\s{0,3},)\s{0,3}\(?\s{0,3}[A-Za-z_]\w{0,60}(?:\[\w{0,20}\])?\s{0,3}\)/,
    title: 'Format taken from a variable',
    explanation: 'A %n or %s in the text reads or writes memory.',
    remediation: 'Keep the format constant: printf("%s", text).',
  },
  {
    id: 'c/command-injection',
    languages: ['c'],
    severity: 'high',
    pattern: /(?<![\w.>])(?:system|popen|WinExec|ShellExecute[AW]?)\s{0,3}\(\s{0,3}[^")\s]/,
    title: 'Command run by a shell',
    explanation: 'Outside input in the string can add commands of its own, with the rights of this process.',
    remediation: 'Use execve or posix_spawn with a list of arguments.',
  },
  {
    id: 'c/temporary-file',
    languages: ['c'],
    severity: 'medium',
    pattern: /(?<!\w)(?:tmpnam|tempnam|mktemp)\s{0,3}\(/,
    title: 'Guessable temporary file',
    explanation: 'Between the choice of the name and its use someone else can put a link there.',
    remediation: 'Use mkstemp.',
  },
  {
    id: 'c/weak-random',
    languages: ['c'],
    severity: 'medium',
    pattern: /(?:key|token|nonce|secret|salt|session)\w{0,30}(?:\[\w{0,20}\])?\s{0,3}=[^;]{0,80}(?<!\w)rand\s{0,3}\(/i,
    title: 'Guessable random value',
    explanation: 'rand can be predicted from its seed, which is often the time.',
    remediation: 'Use getrandom, arc4random or BCryptGenRandom.',
  },
  {
    id: 'c/alloca',
    languages: ['c'],
    severity: 'low',
    pattern: /(?<!\w)(?:alloca|_alloca)\s{0,3}\(\s{0,3}[^)\d\s]/,
    title: 'Stack memory of a variable size',
    explanation: 'A large size runs over the end of the stack without an error.',
    remediation: 'Check the size first, or allocate on the heap.',
  },
  {
    id: 'shell/download-and-run',
    languages: ['shell', 'dockerfile', 'yaml', 'workflow'],
    severity: 'high',
    pattern:
      /\b(?:curl|wget|fetch)\b[^|;]{0,300}\|\s{0,4}(?:sudo\s+(?:-\w+\s+)?)?(?:ba|z|da|k)?sh\b|\b(?:curl|wget)\b[^|]{0,300}\|\s{0,4}(?:sudo\s+)?(?:python3?|perl|ruby|node)\b|\b(?:ba|z)?sh\s+(?:-c\s+)?["']?[<$]\(\s{0,3}(?:curl|wget)/,
    title: 'Download is run at once',
    explanation: FETCH_RUN,
    remediation: PIN,
  },
  {
    id: 'shell/eval',
    languages: ['shell'],
    severity: 'medium',
    pattern: /(?:^|[;&|]\s{0,4})\s*eval\s+["']?[^"'\s]{0,80}[$`]/,
    title: 'Text run as a command',
    explanation: 'The shell reads the text a second time: what a variable holds becomes commands.',
    remediation: 'Use an array for arguments, and "${array[@]}" to call.',
  },
  {
    id: 'shell/encoded-command',
    languages: ['shell'],
    severity: 'high',
    pattern:
      /\bbase64\s+(?:-d|-D|--decode)\b[^|;]{0,100}\|\s{0,4}(?:ba|z|da)?sh\b|\bxxd\s+-r\b[^|;]{0,100}\|\s{0,4}(?:ba)?sh\b/,
    title: 'Hidden command',
    explanation: 'The command is hidden behind an encoding and run at once. Honest scripts rarely need that.',
    remediation: 'Decode it in a safe place and read it before anything runs.',
  },
  {
    id: 'shell/reverse-shell',
    languages: ['shell', 'python', 'php', 'ruby'],
    severity: 'critical',
    pattern:
      /\/dev\/(?:tcp|udp)\/|\b(?:nc|ncat|netcat)\b[^;|]{0,100}\s-(?:\w{0,4})[ec]\s{0,3}\/?(?:bin\/)?(?:ba)?sh|\bmkfifo\b.{0,100}\b(?:nc|ncat)\b/,
    title: 'Reverse shell',
    explanation: 'A shell of this machine is handed to another address.',
    remediation: 'Do not run it. Where it ran, take the machine off the network and look for how it came there.',
  },
  {
    id: 'shell/world-writable',
    languages: ['shell', 'dockerfile'],
    severity: 'medium',
    pattern: /\bchmod\s+(?:-R\s+)?(?:0?777|a\+rwx|o\+w|0?666)\b/,
    title: 'Everyone may write',
    explanation: 'Every account of the machine can change the file, and what is run from it.',
    remediation: 'Give the rights to the account that needs them (750, 640).',
  },
  {
    id: 'shell/unsafe-delete',
    languages: ['shell'],
    severity: 'medium',
    pattern: /\brm\s+-(?:rf|fr|r)\s+(?:--no-preserve-root\b|\/(?:\s|$|\*)|"?\$\{?\w{1,40}\}?"?\/)/,
    title: 'Delete with a variable at its root',
    explanation: 'When the variable is empty, the path is / and all is deleted.',
    remediation: 'Use "${NAME:?}" so that the script stops when it is empty.',
  },
  {
    id: 'shell/persistence',
    languages: ['shell'],
    severity: 'high',
    pattern:
      />>?\s{0,3}(?:~|\$HOME|\/root|\/home\/\w{1,32})?\/?\.?(?:bashrc|profile|zshrc|ssh\/authorized_keys)\b|\|\s{0,3}crontab\s+-|>>?\s{0,3}\/etc\/(?:cron|rc\.local|ld\.so\.preload|systemd)/,
    title: 'Starts again by itself',
    explanation:
      'The script adds itself to what is run at log-in or by time, or lets a key log in. Malware stays that way.',
    remediation: 'Make sure that this is meant; else remove the entry wherever it ran.',
  },
  {
    id: 'shell/history-off',
    languages: ['shell'],
    severity: 'medium',
    pattern: /\bunset\s+HISTFILE\b|\bHISTFILE=\/dev\/null|\bhistory\s+-c\b|\bHISTSIZE=0\b|>\s{0,3}\/var\/log\/\w/,
    title: 'Traces are removed',
    explanation: 'The history or a log is switched off or emptied.',
    remediation: 'Find out who wants no trace; logs that are sent to another machine survive this.',
  },
  {
    id: 'shell/tls-not-verified',
    languages: ['shell', 'dockerfile', 'workflow'],
    severity: 'medium',
    pattern:
      /\bcurl\b[^|;]{0,200}\s(?:-\w{0,6}k\w{0,6}|--insecure)(?:\s|$)|\bwget\b[^|;]{0,200}--no-check-certificate|StrictHostKeyChecking[= ]no|GIT_SSL_NO_VERIFY|http\.sslVerify\s+false/,
    title: 'Certificates are not checked',
    explanation: 'Anyone on the way can answer in the name of the server.',
    remediation: 'Leave the check on; add a private authority with --cacert.',
  },
  {
    id: 'powershell/download-and-run',
    languages: ['powershell', 'shell'],
    severity: 'critical',
    pattern:
      /\b(?:iex|Invoke-Expression)\b.{0,200}(?:DownloadString|Invoke-WebRequest|Invoke-RestMethod|\biwr\b|\birm\b|WebClient)|(?:DownloadString|Invoke-WebRequest|\biwr\b|\birm\b).{0,300}\|\s{0,4}(?:iex|Invoke-Expression)\b/i,
    title: 'Download is run at once',
    explanation: FETCH_RUN,
    remediation: PIN,
  },
  {
    id: 'powershell/invoke-expression',
    languages: ['powershell'],
    severity: 'high',
    pattern: /(?:^|[;&|({]\s{0,4})\s*(?:iex|Invoke-Expression)\s+\(?\s{0,3}[$"(]/i,
    unless: /DownloadString|Invoke-WebRequest|Invoke-RestMethod|\biwr\b|\birm\b/i,
    title: 'Text run as a command',
    explanation: 'The text is read as a command: what a variable holds is run.',
    remediation: 'Call the command with & and a list of arguments.',
  },
  {
    id: 'powershell/encoded-command',
    languages: ['powershell', 'shell'],
    severity: 'high',
    pattern: /\bpowershell(?:\.exe)?\b.{0,200}\s-e(?:nc|ncodedcommand|c)?\s+[A-Za-z0-9+/=$]|FromBase64String\(/i,
    title: 'Hidden command',
    explanation: 'The command is hidden behind base64. Honest scripts rarely need that.',
    remediation: 'Decode it in a safe place and read it before anything runs.',
  },
  {
    id: 'powershell/policy-bypass',
    languages: ['powershell', 'shell'],
    severity: 'medium',
    pattern:
      /-(?:ExecutionPolicy|ep|exec)\s+(?:bypass|unrestricted)|Set-ExecutionPolicy\s+(?:-\w+\s+\w+\s+)?(?:bypass|unrestricted)|-w(?:indowstyle)?\s+hidden/i,
    title: 'Policy bypassed or window hidden',
    explanation: 'The script is run in spite of the policy, or without a window to be seen.',
    remediation: 'Sign the script and leave the policy; find out why it hides.',
  },
  {
    id: 'powershell/defender-off',
    languages: ['powershell', 'shell'],
    severity: 'critical',
    pattern:
      /Set-MpPreference\s.{0,100}-Disable\w{3,40}\s+(?:\$true|1)|Add-MpPreference\s.{0,100}-Exclusion|amsiInitFailed|AmsiScanBuffer/i,
    title: 'Protection is switched off',
    explanation:
      'Defender or its script scanner is switched off or told to look away: a step of malware before its payload.',
    remediation: 'Do not run it. Where it ran, treat the machine as taken over.',
  },
  {
    id: 'powershell/persistence',
    languages: ['powershell'],
    severity: 'high',
    pattern:
      /CurrentVersion\\Run\b|Register-ScheduledTask|\bschtasks(?:\.exe)?\s+\/create|New-Service\b|Start Menu\\Programs\\Startup/i,
    title: 'Starts again by itself',
    explanation: 'The script adds itself to what is run at log-in or by time.',
    remediation: 'Make sure that this is meant; else remove the entry wherever it ran.',
  },
  {
    id: 'powershell/plaintext-password',
    languages: ['powershell'],
    severity: 'medium',
    pattern: /ConvertTo-SecureString\s.{0,200}-AsPlainText/i,
    title: 'Password as plain text',
    explanation: 'A secure string made from text in the script protects nothing.',
    remediation: 'Read it with Get-Credential or from a secret store.',
  },
];
