# Completion of sostrades; made by `sostrades completion bash`.

_sostrades_completion() {
    local type value file
    COMPREPLY=()
    while IFS=, read -r type value; do
        case $type in
            plain) COMPREPLY+=("$value") ;;
            part) COMPREPLY+=("$value"); compopt -o nospace ;;
            dir) compopt -o dirnames ;;
            # Readline takes an @ for the beginning of a word, and would look for a file of that name.
            file)
                [[ $value == @* ]] || { compopt -o default; continue; }
                while IFS= read -r file; do
                    [[ -d $file ]] && { file+=/; compopt -o nospace; }
                    COMPREPLY+=("@$(printf %q "$file")")
                done < <(compgen -f -- "${value#@}")
                ;;
        esac
    done < <(COMP_WORDS="${COMP_LINE:0:COMP_POINT}" COMP_CWORD=$COMP_CWORD COMP_WORDBREAKS="$COMP_WORDBREAKS" \
        _SOSTRADES_COMPLETE=bash_complete "$1" 2>/dev/null)
}
complete -o nosort -F _sostrades_completion sostrades
