# PowerShell completion for kubectl-secretsafe; printed by `kubectl secretsafe completion powershell`.
# `kubectl secretsafe` itself is completed by kubectl: see `kubectl secretsafe completion --install`.

Register-ArgumentCompleter -Native -CommandName 'kubectl-secretsafe' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $words = @($commandAst.CommandElements | Select-Object -Skip 1 |
        Where-Object { $_.Extent.EndOffset -lt $cursorPosition } | ForEach-Object { $_.Extent.Text })
    # Windows PowerShell drops an empty argument, so an empty word is sent as two quotes.
    $words += if ($wordToComplete -eq '') { '""' } else { $wordToComplete }
    # Behind `--flag=` come values alone.
    $flag = if ($wordToComplete -match '^-[^=]*=') { $Matches[0] } else { '' }
    & kubectl-secretsafe __complete @words 2>$null | Where-Object { $_ -notmatch '^:\d+$' } | ForEach-Object {
        $value, $help = $_ -split "`t", 2
        if (-not $help) { $help = $value }
        $value = $flag + $value
        [System.Management.Automation.CompletionResult]::new($value, $value, 'ParameterValue', $help)
    }
}
