_sostrades_completion() {
    local IFS=$'\n'
    local response completion type value
    local old="" word="" kept=""

    response=$(env COMP_WORDS="${COMP_WORDS[*]}" COMP_CWORD=$COMP_CWORD _SOSTRADES_COMPLETE=bash_complete $1)

    # Before bash 4, words are passed whole, but readline replaces only the text after the last =, : or before @.
    if ! type compopt >/dev/null 2>&1; then
        old=1
        word=${COMP_WORDS[COMP_CWORD]}
        kept=${word%"${word##*[=:@]}"}
        kept=${kept%@}
    fi

    COMPREPLY=()
    for completion in $response; do
        IFS=',' read type value <<< "$completion"

        if [[ $type == 'plain' ]]; then
            if [[ $old ]]; then
                value=${value#"$kept"}
                [[ $value == *[=/] ]] || value="$value "
            elif [[ $value == *[=/] ]]; then
                compopt -o nospace
            fi
            COMPREPLY+=("$value")
        elif [[ $type == 'dir' ]]; then
            [[ $old ]] || compopt -o dirnames
        elif [[ $type == 'file' ]]; then
            [[ $old ]] || compopt -o default
        fi
    done

    return 0
}

_sostrades_completion_setup() {
    if ! type compopt >/dev/null 2>&1; then
        complete -o nospace -o default -F _sostrades_completion sostrades
    elif ! complete -o nosort -F _sostrades_completion sostrades 2>/dev/null; then
        complete -F _sostrades_completion sostrades
    fi
}

_sostrades_completion_setup;
