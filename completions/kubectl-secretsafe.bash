# bash completion for kubectl-secretsafe; printed by `kubectl secretsafe completion bash`.
# `kubectl secretsafe` itself is completed by kubectl: see `kubectl secretsafe completion --install`.

_kubectl_secretsafe() {
    local line=${COMP_LINE:0:COMP_POINT} words current output flag='' strip='' break value directive=4
    # From the line and not from COMP_WORDS, which bash divides at `=` and `:` too.
    read -ra words <<<"$line"
    if [[ $line == *[[:space:]] ]]; then words+=(""); fi
    current=${words[${#words[@]} - 1]}
    output=$(kubectl-secretsafe __complete "${words[@]:1}" 2>/dev/null) || return
    # Behind `--flag=` come values alone.
    if [[ $current == -*=* ]]; then flag=${current%%=*}=; fi
    # readline replaces only what stands behind the last of its word breaks.
    for break in = :; do
        if [[ $COMP_WORDBREAKS == *"$break"* && $current == *"$break"* ]]; then
            value=${current%"$break"*}$break
            if ((${#value} > ${#strip})); then strip=$value; fi
        fi
    done
    COMPREPLY=()
    while IFS= read -r value; do
        if [[ $value =~ ^:[0-9]+$ ]]; then
            directive=${value#:}
            continue
        fi
        value=$flag${value%%$'\t'*}
        if [[ $value == "$current"* ]]; then COMPREPLY+=("${value#"$strip"}"); fi
    done <<<"$output"
    # What belongs to another program is bash's own to complete.
    if ((directive == 0)); then compopt -o default 2>/dev/null; fi
    if ((directive & 2)); then compopt -o nospace 2>/dev/null; fi
}

complete -F _kubectl_secretsafe kubectl-secretsafe
