# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_kubectl_secretsafe_global_optspecs
    string join \n n/namespace= context= kubeconfig= request-timeout= as= as-group= insecure-skip-tls-verify v/v= h/help V/version
end

function __fish_kubectl_secretsafe_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_kubectl_secretsafe_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_kubectl_secretsafe_using_subcommand
    set -l cmd (__fish_kubectl_secretsafe_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_needs_command" -s n -l namespace -d 'Namespace of the Secret; the context\'s own if absent' -r
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_needs_command" -l context -d 'Context of the kubeconfig to use' -r
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_needs_command" -l kubeconfig -d 'Kubeconfig file to use instead of KUBECONFIG and ~/.kube/config' -r -F
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_needs_command" -l request-timeout -d 'How long to wait for one answer of the API server, such as 5s, 2m or 0 for no limit' -r
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_needs_command" -l as -d 'User to impersonate' -r
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_needs_command" -l as-group -d 'Group to impersonate; may be repeated' -r
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_needs_command" -s v -l v -d 'Say what happens below: 1 the steps, 6 each request; never a value' -r
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_needs_command" -l insecure-skip-tls-verify -d 'Send and fetch values even though the server\'s certificate is not verified'
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_needs_command" -s V -l version -d 'Print version'
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_needs_command" -f -a "create" -d 'Create a Secret'
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_needs_command" -f -a "rotate" -d 'Replace values of a Secret'
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_needs_command" -f -a "set" -d 'Add keys to a Secret, or change their values'
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_needs_command" -f -a "unset" -d 'Remove keys from a Secret'
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_needs_command" -f -a "rename-key" -d 'Rename a key of a Secret'
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_needs_command" -f -a "diff" -d 'Compare values with a live Secret, or two live Secrets, without showing a value'
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_needs_command" -f -a "view" -d 'Show the keys of Secrets and facts about each value, never a value'
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_needs_command" -f -a "keychain" -d 'Keep values in the OS keychain, from where a Secret can take them'
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand create; and not __fish_seen_subcommand_from generic" -s n -l namespace -d 'Namespace of the Secret; the context\'s own if absent' -r
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand create; and not __fish_seen_subcommand_from generic" -l context -d 'Context of the kubeconfig to use' -r
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand create; and not __fish_seen_subcommand_from generic" -l kubeconfig -d 'Kubeconfig file to use instead of KUBECONFIG and ~/.kube/config' -r -F
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand create; and not __fish_seen_subcommand_from generic" -l request-timeout -d 'How long to wait for one answer of the API server, such as 5s, 2m or 0 for no limit' -r
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand create; and not __fish_seen_subcommand_from generic" -l as -d 'User to impersonate' -r
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand create; and not __fish_seen_subcommand_from generic" -l as-group -d 'Group to impersonate; may be repeated' -r
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand create; and not __fish_seen_subcommand_from generic" -s v -l v -d 'Say what happens below: 1 the steps, 6 each request; never a value' -r
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand create; and not __fish_seen_subcommand_from generic" -l insecure-skip-tls-verify -d 'Send and fetch values even though the server\'s certificate is not verified'
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand create; and not __fish_seen_subcommand_from generic" -s h -l help -d 'Print help'
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand create; and not __fish_seen_subcommand_from generic" -f -a "generic" -d 'Create a Secret from the keychain, a hidden prompt, a pipe or a generator'
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand create; and __fish_seen_subcommand_from generic" -l type -d 'Type of the Secret' -r
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand create; and __fish_seen_subcommand_from generic" -l renew -d 'Key to give a new value with --apply although it exists; may be repeated' -r
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand create; and __fish_seen_subcommand_from generic" -l label -d 'Label to set, as NAME=TEXT; may be repeated' -r
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand create; and __fish_seen_subcommand_from generic" -l annotation -d 'Annotation to set, as NAME=TEXT; may be repeated' -r
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand create; and __fish_seen_subcommand_from generic" -l dry-run -d 'Only show what would be done: client asks nobody, server asks for values and has them checked' -r -f -a "none\t'Do it'
client\t'Stop after the plan'
server\t'Let the server check it and store nothing'"
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand create; and __fish_seen_subcommand_from generic" -s o -l output -d 'Output format' -r -f -a "table\t'Columns, for people'
json\t'One JSON document, for programs'
yaml\t'One YAML document'
name\t'KIND/NAME, such as secret/db, one a line'"
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand create; and __fish_seen_subcommand_from generic" -l public-ok -d 'Accept public: for a key whose name says that it is secret; may be repeated' -r
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand create; and __fish_seen_subcommand_from generic" -s n -l namespace -d 'Namespace of the Secret; the context\'s own if absent' -r
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand create; and __fish_seen_subcommand_from generic" -l context -d 'Context of the kubeconfig to use' -r
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand create; and __fish_seen_subcommand_from generic" -l kubeconfig -d 'Kubeconfig file to use instead of KUBECONFIG and ~/.kube/config' -r -F
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand create; and __fish_seen_subcommand_from generic" -l request-timeout -d 'How long to wait for one answer of the API server, such as 5s, 2m or 0 for no limit' -r
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand create; and __fish_seen_subcommand_from generic" -l as -d 'User to impersonate' -r
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand create; and __fish_seen_subcommand_from generic" -l as-group -d 'Group to impersonate; may be repeated' -r
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand create; and __fish_seen_subcommand_from generic" -s v -l v -d 'Say what happens below: 1 the steps, 6 each request; never a value' -r
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand create; and __fish_seen_subcommand_from generic" -l immutable -d 'Make it impossible to change the Secret later'
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand create; and __fish_seen_subcommand_from generic" -l apply -d 'Update the named keys if the Secret exists; generated, typed and piped values only fill what is missing'
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand create; and __fish_seen_subcommand_from generic" -l override-owner -d 'Change an existing Secret even though a controller or GitOps tool will undo it'
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand create; and __fish_seen_subcommand_from generic" -l weak-ok -d 'Accept a generated value of less than 80 bits'
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand create; and __fish_seen_subcommand_from generic" -l insecure-skip-tls-verify -d 'Send and fetch values even though the server\'s certificate is not verified'
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand create; and __fish_seen_subcommand_from generic" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand rotate" -l public-ok -d 'Accept public: for a key whose name says that it is secret; may be repeated' -r
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand rotate" -l dry-run -d 'Only show what would be done: client asks nobody, server asks for values and has them checked' -r -f -a "none\t'Do it'
client\t'Stop after the plan'
server\t'Let the server check it and store nothing'"
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand rotate" -s o -l output -d 'Output format' -r -f -a "table\t'Columns, for people'
json\t'One JSON document, for programs'
yaml\t'One YAML document'
name\t'KIND/NAME, such as secret/db, one a line'"
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand rotate" -s n -l namespace -d 'Namespace of the Secret; the context\'s own if absent' -r
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand rotate" -l context -d 'Context of the kubeconfig to use' -r
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand rotate" -l kubeconfig -d 'Kubeconfig file to use instead of KUBECONFIG and ~/.kube/config' -r -F
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand rotate" -l request-timeout -d 'How long to wait for one answer of the API server, such as 5s, 2m or 0 for no limit' -r
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand rotate" -l as -d 'User to impersonate' -r
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand rotate" -l as-group -d 'Group to impersonate; may be repeated' -r
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand rotate" -s v -l v -d 'Say what happens below: 1 the steps, 6 each request; never a value' -r
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand rotate" -l add-keys -d 'Add keys that do not exist yet'
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand rotate" -l weak-ok -d 'Accept a generated value of less than 80 bits'
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand rotate" -s y -l yes -d 'Do not ask'
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand rotate" -l override-owner -d 'Change it even though a controller or GitOps tool will undo it'
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand rotate" -l write-only -d 'Never read the Secret: everything is done with the right to patch'
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand rotate" -l insecure-skip-tls-verify -d 'Send and fetch values even though the server\'s certificate is not verified'
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand rotate" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand set" -l public-ok -d 'Accept public: for a key whose name says that it is secret; may be repeated' -r
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand set" -l dry-run -d 'Only show what would be done: client asks nobody, server asks for values and has them checked' -r -f -a "none\t'Do it'
client\t'Stop after the plan'
server\t'Let the server check it and store nothing'"
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand set" -s o -l output -d 'Output format' -r -f -a "table\t'Columns, for people'
json\t'One JSON document, for programs'
yaml\t'One YAML document'
name\t'KIND/NAME, such as secret/db, one a line'"
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand set" -s n -l namespace -d 'Namespace of the Secret; the context\'s own if absent' -r
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand set" -l context -d 'Context of the kubeconfig to use' -r
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand set" -l kubeconfig -d 'Kubeconfig file to use instead of KUBECONFIG and ~/.kube/config' -r -F
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand set" -l request-timeout -d 'How long to wait for one answer of the API server, such as 5s, 2m or 0 for no limit' -r
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand set" -l as -d 'User to impersonate' -r
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand set" -l as-group -d 'Group to impersonate; may be repeated' -r
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand set" -s v -l v -d 'Say what happens below: 1 the steps, 6 each request; never a value' -r
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand set" -l weak-ok -d 'Accept a generated value of less than 80 bits'
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand set" -s y -l yes -d 'Do not ask'
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand set" -l override-owner -d 'Change it even though a controller or GitOps tool will undo it'
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand set" -l write-only -d 'Never read the Secret: everything is done with the right to patch'
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand set" -l insecure-skip-tls-verify -d 'Send and fetch values even though the server\'s certificate is not verified'
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand set" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand unset" -l dry-run -d 'Only show what would be done: client asks nobody, server asks for values and has them checked' -r -f -a "none\t'Do it'
client\t'Stop after the plan'
server\t'Let the server check it and store nothing'"
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand unset" -s o -l output -d 'Output format' -r -f -a "table\t'Columns, for people'
json\t'One JSON document, for programs'
yaml\t'One YAML document'
name\t'KIND/NAME, such as secret/db, one a line'"
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand unset" -s n -l namespace -d 'Namespace of the Secret; the context\'s own if absent' -r
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand unset" -l context -d 'Context of the kubeconfig to use' -r
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand unset" -l kubeconfig -d 'Kubeconfig file to use instead of KUBECONFIG and ~/.kube/config' -r -F
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand unset" -l request-timeout -d 'How long to wait for one answer of the API server, such as 5s, 2m or 0 for no limit' -r
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand unset" -l as -d 'User to impersonate' -r
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand unset" -l as-group -d 'Group to impersonate; may be repeated' -r
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand unset" -s v -l v -d 'Say what happens below: 1 the steps, 6 each request; never a value' -r
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand unset" -s y -l yes -d 'Do not ask'
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand unset" -l override-owner -d 'Change it even though a controller or GitOps tool will undo it'
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand unset" -l write-only -d 'Never read the Secret: everything is done with the right to patch'
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand unset" -l insecure-skip-tls-verify -d 'Send and fetch values even though the server\'s certificate is not verified'
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand unset" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand rename-key" -l dry-run -d 'Only show what would be done: client asks nobody, server asks for values and has them checked' -r -f -a "none\t'Do it'
client\t'Stop after the plan'
server\t'Let the server check it and store nothing'"
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand rename-key" -s o -l output -d 'Output format' -r -f -a "table\t'Columns, for people'
json\t'One JSON document, for programs'
yaml\t'One YAML document'
name\t'KIND/NAME, such as secret/db, one a line'"
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand rename-key" -s n -l namespace -d 'Namespace of the Secret; the context\'s own if absent' -r
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand rename-key" -l context -d 'Context of the kubeconfig to use' -r
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand rename-key" -l kubeconfig -d 'Kubeconfig file to use instead of KUBECONFIG and ~/.kube/config' -r -F
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand rename-key" -l request-timeout -d 'How long to wait for one answer of the API server, such as 5s, 2m or 0 for no limit' -r
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand rename-key" -l as -d 'User to impersonate' -r
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand rename-key" -l as-group -d 'Group to impersonate; may be repeated' -r
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand rename-key" -s v -l v -d 'Say what happens below: 1 the steps, 6 each request; never a value' -r
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand rename-key" -s y -l yes -d 'Do not ask'
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand rename-key" -l override-owner -d 'Change it even though a controller or GitOps tool will undo it'
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand rename-key" -l write-only -d 'Never read the Secret: everything is done with the right to patch'
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand rename-key" -l insecure-skip-tls-verify -d 'Send and fetch values even though the server\'s certificate is not verified'
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand rename-key" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand diff" -l with -d 'Other Secret to compare with' -r
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand diff" -s o -l output -d 'Output format' -r -f -a "table\t'Columns, for people'
json\t'One JSON document, for programs'
yaml\t'One YAML document'
name\t'KIND/NAME, such as secret/db, one a line'"
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand diff" -s n -l namespace -d 'Namespace of the Secret; the context\'s own if absent' -r
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand diff" -l context -d 'Context of the kubeconfig to use' -r
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand diff" -l kubeconfig -d 'Kubeconfig file to use instead of KUBECONFIG and ~/.kube/config' -r -F
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand diff" -l request-timeout -d 'How long to wait for one answer of the API server, such as 5s, 2m or 0 for no limit' -r
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand diff" -l as -d 'User to impersonate' -r
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand diff" -l as-group -d 'Group to impersonate; may be repeated' -r
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand diff" -s v -l v -d 'Say what happens below: 1 the steps, 6 each request; never a value' -r
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand diff" -l insecure-skip-tls-verify -d 'Send and fetch values even though the server\'s certificate is not verified'
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand diff" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand view" -s o -l output -d 'Output format' -r -f -a "table\t'Columns, for people'
json\t'One JSON document, for programs'
yaml\t'One YAML document'
name\t'KIND/NAME, such as secret/db, one a line'"
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand view" -s n -l namespace -d 'Namespace of the Secret; the context\'s own if absent' -r
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand view" -l context -d 'Context of the kubeconfig to use' -r
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand view" -l kubeconfig -d 'Kubeconfig file to use instead of KUBECONFIG and ~/.kube/config' -r -F
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand view" -l request-timeout -d 'How long to wait for one answer of the API server, such as 5s, 2m or 0 for no limit' -r
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand view" -l as -d 'User to impersonate' -r
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand view" -l as-group -d 'Group to impersonate; may be repeated' -r
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand view" -s v -l v -d 'Say what happens below: 1 the steps, 6 each request; never a value' -r
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand view" -l metadata-only -d 'Fetch no value: keys, ages and type only'
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand view" -l sizes -d 'Show exact sizes instead of ranges'
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand view" -l insecure-skip-tls-verify -d 'Send and fetch values even though the server\'s certificate is not verified'
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand view" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand keychain; and not __fish_seen_subcommand_from set list delete rename rebind" -s n -l namespace -d 'Namespace of the Secret; the context\'s own if absent' -r
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand keychain; and not __fish_seen_subcommand_from set list delete rename rebind" -l context -d 'Context of the kubeconfig to use' -r
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand keychain; and not __fish_seen_subcommand_from set list delete rename rebind" -l kubeconfig -d 'Kubeconfig file to use instead of KUBECONFIG and ~/.kube/config' -r -F
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand keychain; and not __fish_seen_subcommand_from set list delete rename rebind" -l request-timeout -d 'How long to wait for one answer of the API server, such as 5s, 2m or 0 for no limit' -r
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand keychain; and not __fish_seen_subcommand_from set list delete rename rebind" -l as -d 'User to impersonate' -r
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand keychain; and not __fish_seen_subcommand_from set list delete rename rebind" -l as-group -d 'Group to impersonate; may be repeated' -r
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand keychain; and not __fish_seen_subcommand_from set list delete rename rebind" -s v -l v -d 'Say what happens below: 1 the steps, 6 each request; never a value' -r
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand keychain; and not __fish_seen_subcommand_from set list delete rename rebind" -l insecure-skip-tls-verify -d 'Send and fetch values even though the server\'s certificate is not verified'
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand keychain; and not __fish_seen_subcommand_from set list delete rename rebind" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand keychain; and not __fish_seen_subcommand_from set list delete rename rebind" -f -a "set" -d 'Store a value in the OS keychain'
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand keychain; and not __fish_seen_subcommand_from set list delete rename rebind" -f -a "list" -d 'List the entries of the OS keychain by name'
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand keychain; and not __fish_seen_subcommand_from set list delete rename rebind" -f -a "delete" -d 'Delete entries of the OS keychain'
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand keychain; and not __fish_seen_subcommand_from set list delete rename rebind" -f -a "rename" -d 'Rename an entry of the OS keychain'
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand keychain; and not __fish_seen_subcommand_from set list delete rename rebind" -f -a "rebind" -d 'Bind the entry of a key to the cluster that the context now leads to'
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand keychain; and __fish_seen_subcommand_from set" -l for -d 'Key of a Secret whose default entry to write, as NAME/KEY' -r
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand keychain; and __fish_seen_subcommand_from set" -s n -l namespace -d 'Namespace of the Secret; the context\'s own if absent' -r
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand keychain; and __fish_seen_subcommand_from set" -l context -d 'Context of the kubeconfig to use' -r
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand keychain; and __fish_seen_subcommand_from set" -l kubeconfig -d 'Kubeconfig file to use instead of KUBECONFIG and ~/.kube/config' -r -F
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand keychain; and __fish_seen_subcommand_from set" -l request-timeout -d 'How long to wait for one answer of the API server, such as 5s, 2m or 0 for no limit' -r
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand keychain; and __fish_seen_subcommand_from set" -l as -d 'User to impersonate' -r
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand keychain; and __fish_seen_subcommand_from set" -l as-group -d 'Group to impersonate; may be repeated' -r
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand keychain; and __fish_seen_subcommand_from set" -s v -l v -d 'Say what happens below: 1 the steps, 6 each request; never a value' -r
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand keychain; and __fish_seen_subcommand_from set" -l stdin -d 'Read the value from stdin'
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand keychain; and __fish_seen_subcommand_from set" -s y -l yes -d 'Replace an existing entry without asking'
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand keychain; and __fish_seen_subcommand_from set" -l insecure-skip-tls-verify -d 'Send and fetch values even though the server\'s certificate is not verified'
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand keychain; and __fish_seen_subcommand_from set" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand keychain; and __fish_seen_subcommand_from list" -l service -d 'Service whose entries to list' -r
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand keychain; and __fish_seen_subcommand_from list" -s o -l output -d 'Output format' -r -f -a "table\t'Columns, for people'
json\t'One JSON document, for programs'
yaml\t'One YAML document'
name\t'KIND/NAME, such as secret/db, one a line'"
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand keychain; and __fish_seen_subcommand_from list" -s n -l namespace -d 'Namespace of the Secret; the context\'s own if absent' -r
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand keychain; and __fish_seen_subcommand_from list" -l context -d 'Context of the kubeconfig to use' -r
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand keychain; and __fish_seen_subcommand_from list" -l kubeconfig -d 'Kubeconfig file to use instead of KUBECONFIG and ~/.kube/config' -r -F
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand keychain; and __fish_seen_subcommand_from list" -l request-timeout -d 'How long to wait for one answer of the API server, such as 5s, 2m or 0 for no limit' -r
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand keychain; and __fish_seen_subcommand_from list" -l as -d 'User to impersonate' -r
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand keychain; and __fish_seen_subcommand_from list" -l as-group -d 'Group to impersonate; may be repeated' -r
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand keychain; and __fish_seen_subcommand_from list" -s v -l v -d 'Say what happens below: 1 the steps, 6 each request; never a value' -r
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand keychain; and __fish_seen_subcommand_from list" -l insecure-skip-tls-verify -d 'Send and fetch values even though the server\'s certificate is not verified'
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand keychain; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand keychain; and __fish_seen_subcommand_from delete" -s n -l namespace -d 'Namespace of the Secret; the context\'s own if absent' -r
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand keychain; and __fish_seen_subcommand_from delete" -l context -d 'Context of the kubeconfig to use' -r
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand keychain; and __fish_seen_subcommand_from delete" -l kubeconfig -d 'Kubeconfig file to use instead of KUBECONFIG and ~/.kube/config' -r -F
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand keychain; and __fish_seen_subcommand_from delete" -l request-timeout -d 'How long to wait for one answer of the API server, such as 5s, 2m or 0 for no limit' -r
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand keychain; and __fish_seen_subcommand_from delete" -l as -d 'User to impersonate' -r
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand keychain; and __fish_seen_subcommand_from delete" -l as-group -d 'Group to impersonate; may be repeated' -r
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand keychain; and __fish_seen_subcommand_from delete" -s v -l v -d 'Say what happens below: 1 the steps, 6 each request; never a value' -r
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand keychain; and __fish_seen_subcommand_from delete" -l foreign -d 'Delete entries of other services than `secretsafe` too'
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand keychain; and __fish_seen_subcommand_from delete" -s y -l yes -d 'Do not ask'
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand keychain; and __fish_seen_subcommand_from delete" -l insecure-skip-tls-verify -d 'Send and fetch values even though the server\'s certificate is not verified'
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand keychain; and __fish_seen_subcommand_from delete" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand keychain; and __fish_seen_subcommand_from rename" -s n -l namespace -d 'Namespace of the Secret; the context\'s own if absent' -r
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand keychain; and __fish_seen_subcommand_from rename" -l context -d 'Context of the kubeconfig to use' -r
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand keychain; and __fish_seen_subcommand_from rename" -l kubeconfig -d 'Kubeconfig file to use instead of KUBECONFIG and ~/.kube/config' -r -F
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand keychain; and __fish_seen_subcommand_from rename" -l request-timeout -d 'How long to wait for one answer of the API server, such as 5s, 2m or 0 for no limit' -r
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand keychain; and __fish_seen_subcommand_from rename" -l as -d 'User to impersonate' -r
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand keychain; and __fish_seen_subcommand_from rename" -l as-group -d 'Group to impersonate; may be repeated' -r
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand keychain; and __fish_seen_subcommand_from rename" -s v -l v -d 'Say what happens below: 1 the steps, 6 each request; never a value' -r
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand keychain; and __fish_seen_subcommand_from rename" -l foreign -d 'Rename an entry of another service than `secretsafe` too'
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand keychain; and __fish_seen_subcommand_from rename" -l insecure-skip-tls-verify -d 'Send and fetch values even though the server\'s certificate is not verified'
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand keychain; and __fish_seen_subcommand_from rename" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand keychain; and __fish_seen_subcommand_from rebind" -l for -d 'Key of a Secret whose entry to bind anew, as NAME/KEY' -r
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand keychain; and __fish_seen_subcommand_from rebind" -s n -l namespace -d 'Namespace of the Secret; the context\'s own if absent' -r
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand keychain; and __fish_seen_subcommand_from rebind" -l context -d 'Context of the kubeconfig to use' -r
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand keychain; and __fish_seen_subcommand_from rebind" -l kubeconfig -d 'Kubeconfig file to use instead of KUBECONFIG and ~/.kube/config' -r -F
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand keychain; and __fish_seen_subcommand_from rebind" -l request-timeout -d 'How long to wait for one answer of the API server, such as 5s, 2m or 0 for no limit' -r
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand keychain; and __fish_seen_subcommand_from rebind" -l as -d 'User to impersonate' -r
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand keychain; and __fish_seen_subcommand_from rebind" -l as-group -d 'Group to impersonate; may be repeated' -r
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand keychain; and __fish_seen_subcommand_from rebind" -s v -l v -d 'Say what happens below: 1 the steps, 6 each request; never a value' -r
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand keychain; and __fish_seen_subcommand_from rebind" -l insecure-skip-tls-verify -d 'Send and fetch values even though the server\'s certificate is not verified'
complete -c kubectl-secretsafe -n "__fish_kubectl_secretsafe_using_subcommand keychain; and __fish_seen_subcommand_from rebind" -s h -l help -d 'Print help (see more with \'--help\')'
