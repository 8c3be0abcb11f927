# fish completion for kubectl-secretsafe; printed by `kubectl secretsafe completion fish`.
# `kubectl secretsafe` itself is completed by kubectl: see `kubectl secretsafe completion --install`.

function __kubectl_secretsafe_complete
    set -l words (commandline --current-process --tokenize --cut-at-cursor)
    set -l current (commandline --current-token --cut-at-cursor)
    # Behind `--flag=` come values alone.
    set -l flag (string match --regex '^-[^=]*=' -- "$current")
    set -l lines (kubectl-secretsafe __complete $words[2..-1] "$current" 2>/dev/null)
    # What belongs to another program: names of files.
    if test "$lines" = :0
        __fish_complete_path "$current"
    else
        for line in (string match --invert --regex '^:\d+$' -- $lines)
            printf '%s%s\n' "$flag" "$line"
        end
    end
end

complete --command kubectl-secretsafe --no-files --arguments '(__kubectl_secretsafe_complete)'
