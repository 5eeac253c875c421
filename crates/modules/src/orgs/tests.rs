//! Stories of the module: happy path, every error, every role; and one property.

use super::*;
use crate::test_cast::{APPROVAL, FIRE, MARKET, Who, city, code, tell};
use tongban_kernel::testing::Story;
use tongban_kernel::{Role, Stop};
use tongban_types::Text;

fn standing_of(story: &Story, who: Who, role: Role, department: &'static str, post: Option<&str>) -> Option<Standing> {
    let post = post.map(|post| Text::new(post).expect("a post"));
    let scope = Scope { department: code(department), post };
    let at = story.time();
    let found = story.ask(|state| standing(state, &who.account(), role, &scope, at).map_err(Stop::from));
    found.expect("a question about records never stops")
}

#[test]
fn an_officer_holds_his_role_in_his_department_at_his_post_alone() {
    let story = city();
    let cases = [
        (Who::FireInspector, Role::Reviewer, FIRE, None, Some(Standing::Own)),
        (Who::FireInspector, Role::Reviewer, FIRE, Some("消防监督岗"), Some(Standing::Own)),
        (Who::FireInspector, Role::Reviewer, FIRE, Some("现场核查岗"), None),
        (Who::FireInspector, Role::Approver, FIRE, None, None),
        (Who::FireInspector, Role::Reviewer, MARKET, None, None),
        (Who::Trainee, Role::Receiver, APPROVAL, Some("综合窗口受理岗"), None),
        (Who::Mayor, Role::DepartmentAdministrator, APPROVAL, None, None),
    ];
    for (who, role, department, post, expected) in cases {
        assert_eq!(standing_of(&story, who, role, department, post), expected, "{who:?} {role} {department} {post:?}");
    }
}

#[test]
fn rights_are_given_below_and_not_beside() {
    use crate::test_cast::{TERM_END, appoint, grant};
    let mut story = city();
    tell(
        &mut story,
        &[
            (Who::Clerk, appoint(APPROVAL, Who::Li, &[]), "Appointed"),
            (Who::Clerk, grant(APPROVAL, Who::Li, Role::Receiver, None, TERM_END), "Granted"),
            (Who::Clerk, appoint(MARKET, Who::Li, &[]), "tx.denied"),
            (Who::Clerk, grant(APPROVAL, Who::Li, Role::Supervisor, None, "2030-01-01T00:00:01Z"), "orgs.beyond_term"),
            (Who::Receiver, appoint(APPROVAL, Who::Zhang, &[]), "tx.denied"),
            (Who::Mayor, appoint(FIRE, Who::Li, &[]), "Appointed"),
        ],
    );
}
